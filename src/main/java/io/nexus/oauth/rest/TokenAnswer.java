package io.nexus.oauth.rest;

import io.nexus.oauth.api.TokenView;
import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.provider.ApiHints;
import io.nexus.oauth.token.RefreshConfig;
import io.nexus.oauth.token.TokenDemand;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The answer that hands out a token, and what may be asked of it. */
@ApplicationScoped
class TokenAnswer {

    private static final long LONGEST_TTL = Duration.ofDays(1).toSeconds();

    private final ApiHints hints;
    private final RefreshConfig config;
    private final Clock clock;

    TokenAnswer(ApiHints hints, RefreshConfig config, Clock clock) {
        this.hints = hints;
        this.config = config;
        this.clock = clock;
    }

    TokenDemand demand(Inputs inputs, @Nullable String minTtl, @Nullable String maxWait) {
        return new TokenDemand(
                seconds(inputs, "min_ttl", minTtl, LONGEST_TTL),
                seconds(inputs, "max_wait", maxWait, config.longestWait().toSeconds()));
    }

    private static Optional<Duration> seconds(Inputs inputs, String name, @Nullable String text, long most) {
        if (text == null) {
            return Optional.empty();
        }
        return inputs.converted(name, Optional.empty(), () -> {
            if (!text.matches("[0-9]{1,6}") || Long.parseLong(text) > most) {
                throw new IllegalArgumentException("must be a number of seconds from 0 to " + most);
            }
            return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
        });
    }

    /** RFC 6749 section 5.1: a token is never cached on its way. */
    Response respond(AccessToken token) {
        return Response.ok(view(token))
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header("Pragma", "no-cache")
                .build();
    }

    private TokenView view(AccessToken token) {
        ApiHints.Hint hint = hints.of(token.account().provider(), token.metadata());
        Long expiresIn = token.expiresAt() == null
                ? null
                : Math.max(
                        0, Duration.between(clock.instant(), token.expiresAt()).toSeconds());
        return new TokenView(
                token.value().reveal(),
                token.tokenType(),
                expiresIn,
                token.expiresAt(),
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
}
