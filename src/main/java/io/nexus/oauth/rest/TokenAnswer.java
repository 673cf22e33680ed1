package io.nexus.oauth.rest;

import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.api.TokenView;
import io.nexus.oauth.audit.AuditRecorder;
import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.ApiHints;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.token.TokenQuery;
import io.nexus.oauth.token.grant.RefreshConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Parses token queries and builds the answers that issue tokens. */
@ApplicationScoped
class TokenAnswer {

    private static final long MAX_MIN_TTL = Duration.ofDays(1).toSeconds();

    private final ApiHints hints;
    private final ProviderCatalogue catalogue;
    private final RefreshConfig config;
    private final AuditRecorder audit;
    private final Clock clock;

    TokenAnswer(ApiHints hints, ProviderCatalogue catalogue, RefreshConfig config, AuditRecorder audit, Clock clock) {
        this.hints = hints;
        this.catalogue = catalogue;
        this.config = config;
        this.audit = audit;
        this.clock = clock;
    }

    /** The token query of the parameters. Invalid parameters are added to {@code errors}. */
    TokenQuery query(
            InputErrors errors,
            @Nullable String minTtl,
            @Nullable String maxWait,
            @Nullable String scope,
            TokenQuery.KnownVersions held) {
        return new TokenQuery(
                errors.seconds("min_ttl", minTtl, MAX_MIN_TTL),
                errors.seconds("max_wait", maxWait, config.longestWait().toSeconds()),
                scope == null
                        ? Scopes.NONE
                        : errors.converted("scope", Scopes.NONE, () -> Scopes.of(List.of(scope.split(" ", -1)))),
                held);
    }

    /** The answer to a GET: 304 without the token when the caller has it already. A token with a warning has no ETag. */
    Response respond(Caller who, AccessToken token) {
        audit.recordIssued(who.name(), null, token);
        Secret value = token.value();
        Response.ResponseBuilder answer = value == null ? Response.notModified() : Response.ok(view(token, value));
        if (token.warning() == null) {
            answer.header(HttpHeaders.ETAG, EntityTags.of(token));
        }
        return uncached(answer);
    }

    /** The answer to a POST, always with the token. */
    Response respondWhole(Caller who, AccessToken token) {
        audit.recordIssued(who.name(), null, token);
        return uncached(Response.ok(view(token, Objects.requireNonNull(token.value()))));
    }

    /** RFC 6749 section 5.1: no intermediary may cache a token. */
    private static Response uncached(Response.ResponseBuilder answer) {
        return answer.header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header("Pragma", "no-cache")
                .build();
    }

    private TokenView view(AccessToken token, Secret value) {
        ApiHints.Hint hint = hints.of(token.account().provider(), token.metadata());
        Long expiresIn = token.expiresAt() == null
                ? null
                : Math.max(
                        0, Duration.between(clock.instant(), token.expiresAt()).toSeconds());
        return new TokenView(
                value.reveal(),
                token.tokenType(),
                expiresIn,
                token.expiresAt(),
                cacheUntil(token),
                token.scopes().join(" "),
                token.version(),
                token.freshness().name().toLowerCase(Locale.ROOT),
                token.warning(),
                token.key().id(),
                token.account().provider(),
                token.account().user(),
                hint.header(),
                hint.base(),
                token.metadata());
    }

    /**
     * The time of the planned refresh, or the time from which the service no longer issues this token, if earlier. If a refresh
     * revokes the previous token at the provider, only the planned refresh counts: the token works until then and not after.
     */
    private @Nullable Instant cacheUntil(AccessToken token) {
        Instant end = token.expiresAt();
        if (end == null) {
            return null;
        }
        Instant planned = token.refreshAt();
        boolean revokes = planned != null
                && catalogue
                        .find(token.account().provider())
                        .filter(provider -> provider.timers().revokesAccessToken())
                        .isPresent();
        Instant last = revokes ? end : end.minus(config.floor());
        Instant until = planned == null || planned.isAfter(last) ? last : planned;
        Instant now = clock.instant();
        return until.isBefore(now) ? now : until;
    }
}
