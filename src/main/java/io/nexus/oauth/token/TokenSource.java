package io.nexus.oauth.token;

import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.AccessToken.Freshness;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.provider.ProviderException;
import io.nexus.oauth.token.grant.CredentialCache;
import io.nexus.oauth.token.grant.GrantEvents;
import io.nexus.oauth.token.grant.GrantSealer;
import io.nexus.oauth.token.grant.RefreshConfig;
import io.nexus.oauth.token.grant.RefreshOutcome;
import io.nexus.oauth.token.grant.RefreshTrigger;
import io.nexus.oauth.token.grant.UnpersistedGrants;
import io.nexus.oauth.token.refresh.RejectionReports;
import io.nexus.oauth.token.refresh.TokenRefresher;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a caller gets. The rule above all others: a token that works is handed out, whatever its refresh does; an
 * unavailable provider never becomes "connect again" without a definite reason.
 */
@ApplicationScoped
class TokenSource {

    /** Token types that need a proof with each request (RFC 9449, RFC 6749 section 7.1): the text alone is of no use. */
    private static final Set<String> NEED_PROOF = Set.of("dpop", "mac", "pop");

    /** No time at all is not a time to wait for. */
    private static final Duration AT_ONCE = Duration.ofMillis(1);

    private static final String STORAGE_UNAVAILABLE = "storage_unavailable";
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration NEXT_TRY = Duration.ofSeconds(30);

    private final CredentialCache credentials;
    private final UnpersistedGrants unpersisted;
    private final TokenRefresher refresher;
    private final RejectionReports reports;
    private final GrantSealer sealer;
    private final UsageRecorder usage;
    private final GrantEvents events;
    private final RefreshConfig config;

    TokenSource(
            CredentialCache credentials,
            UnpersistedGrants unpersisted,
            TokenRefresher refresher,
            RejectionReports reports,
            GrantSealer sealer,
            UsageRecorder usage,
            GrantEvents events,
            RefreshConfig config) {
        this.credentials = credentials;
        this.unpersisted = unpersisted;
        this.refresher = refresher;
        this.reports = reports;
        this.sealer = sealer;
        this.usage = usage;
        this.events = events;
        this.config = config;
    }

    Uni<AccessToken> of(AccountKey account, TokenQuery query) {
        return Uni.createFrom()
                .deferred(() -> handOut(
                        credentials.warm(account),
                        () -> credentials.read(account),
                        () -> unpersisted.find(account),
                        query));
    }

    Uni<AccessToken> of(CredentialKey key, TokenQuery query) {
        return Uni.createFrom()
                .deferred(() ->
                        handOut(credentials.warm(key), () -> credentials.read(key), () -> unpersisted.get(key), query));
    }

    Uni<AccessToken> forced(CredentialKey key, TokenQuery query) {
        return Uni.createFrom()
                .deferred(() -> decided(
                        credentials.read(key),
                        () -> unpersisted.get(key),
                        found -> force(found, RefreshTrigger.FORCED, query),
                        query));
    }

    /** As a caller who says that the provider's API refused the token of {@code version}. */
    Uni<AccessToken> rejected(CredentialKey key, long version, TokenQuery query) {
        return Uni.createFrom()
                .deferred(() -> decided(
                        reports.read(key),
                        () -> unpersisted.get(key),
                        found -> reported(found, version, query),
                        query));
    }

    /** A remembered credential is good for a plain hit and for nothing else: every decision is made on the stored one. */
    private Uni<AccessToken> handOut(
            Optional<StoredCredential> warm,
            Supplier<Uni<Optional<StoredCredential>>> read,
            Supplier<Optional<StoredCredential>> held,
            TokenQuery query) {
        long startedAt = System.nanoTime();
        Instant now = events.now();
        if (warm.isPresent()
                && sealer.isOpenable(warm.get())
                && isHit(warm.get(), query, now)
                && !warm.get().isDue(now)
                && unpersisted.newerThan(warm.get()).isEmpty()) {
            return counted(warm.get(), startedAt, plain(warm.get(), query));
        }
        return decided(read.get(), held, found -> answer(found, query), query);
    }

    private Uni<AccessToken> plain(StoredCredential credential, TokenQuery query) {
        return refusal(credential, query)
                .orElseGet(() -> Uni.createFrom().item(token(credential, query, Freshness.FRESH, null)));
    }

    /**
     * The answer to what is stored. What this replica holds of the provider's and could not store yet comes first: the token
     * before it may be dead. While the database is away that is all there is: a remembered credential is not handed out then,
     * although it would mostly work, because without the change feed nobody here can know that it was not revoked elsewhere in
     * the meantime, and a revocation must not be undone by an outage.
     */
    private Uni<AccessToken> decided(
            Uni<Optional<StoredCredential>> reading,
            Supplier<Optional<StoredCredential>> held,
            Function<StoredCredential, Uni<AccessToken>> answer,
            TokenQuery query) {
        long startedAt = System.nanoTime();
        return reading.chain(found -> sealer.toOpen(query.present(found)))
                .onItemOrFailure()
                .transformToUni((found, failure) -> {
                    Optional<StoredCredential> newer = failure == null
                            ? unpersisted.newerThan(found)
                            : failure instanceof StorageException ? held.get() : Optional.empty();
                    newer = newer.filter(credential -> credential.isValidFor(config.floor(), events.now()));
                    if (newer.isPresent()) {
                        return counted(newer.get(), startedAt, unstored(newer.get(), query));
                    }
                    return failure == null
                            ? counted(found, startedAt, refusal(found, query).orElseGet(() -> answer.apply(found)))
                            : Uni.createFrom().failure(failure);
                });
    }

    private Uni<AccessToken> unstored(StoredCredential provisional, TokenQuery query) {
        return refusal(provisional, query)
                .orElseGet(
                        () -> Uni.createFrom().item(token(provisional, query, Freshness.FRESH, STORAGE_UNAVAILABLE)));
    }

    private static Optional<Uni<AccessToken>> refusal(StoredCredential credential, TokenQuery query) {
        return query.refusal(credential).map(Uni.createFrom()::failure);
    }

    private boolean isHit(StoredCredential credential, TokenQuery query, Instant now) {
        return credential.isValidFor(
                credential.attainable(longer(query.minTtl().orElseGet(config::minTtl), config.floor())), now);
    }

    private Uni<AccessToken> answer(StoredCredential credential, TokenQuery query) {
        Instant now = events.now();
        if (isHit(credential, query, now)) {
            return Uni.createFrom().item(valid(credential, query, now));
        }
        if (!credential.isRefreshable()) {
            return fallBack(credential, query, TokenFailures.reconnect(credential));
        }
        Duration coolDown = credential.coolDown(now);
        if (coolDown.isPositive()) {
            String code = Objects.requireNonNullElse(credential.refresh().lastError(), "expired_on_arrival");
            return fallBack(credential, query, TokenFailures.heldBack(credential, code, coolDown));
        }
        return outcome(credential, query, refresher.refresh(credential, RefreshTrigger.READ));
    }

    private Uni<AccessToken> reported(StoredCredential credential, long version, TokenQuery query) {
        if (version > credential.version()) {
            return Uni.createFrom().failure(new CredentialException.UnknownVersion());
        }
        return version < credential.version()
                ? answer(credential, query)
                : force(credential, RefreshTrigger.REJECTED, query);
    }

    private Uni<AccessToken> force(StoredCredential credential, RefreshTrigger trigger, TokenQuery query) {
        if (!credential.isRefreshable()) {
            return fallBack(credential, query, TokenFailures.reconnect(credential));
        }
        Instant now = events.now();
        Duration tooSoon = credential.tooSoon(now, config.minInterval());
        if (tooSoon.isPositive()) {
            return Uni.createFrom().failure(new CredentialException.TooManyRefreshes(tooSoon));
        }
        Duration coolDown = credential.coolDown(now);
        if (coolDown.isPositive()) {
            return fallBack(
                    credential, query, TokenFailures.heldBack(credential, TokenFailures.warning(credential), coolDown));
        }
        return outcome(
                credential,
                query,
                trigger == RefreshTrigger.REJECTED
                        ? reports.report(credential)
                        : refresher.refresh(credential, trigger));
    }

    /** A token that works. When its refresh is due, it is begun, but not waited for. */
    private AccessToken valid(StoredCredential credential, TokenQuery query, Instant now) {
        boolean dead = credential.status() == CredentialStatus.REAUTHORIZATION_REQUIRED;
        boolean due = credential.isDue(now) && credential.coolDown(now).isZero();
        if (due) {
            refresher.begin(credential, RefreshTrigger.AHEAD);
        }
        if (dead || credential.refresh().lastError() != null) {
            return token(credential, query, Freshness.DEGRADED, TokenFailures.warning(credential));
        }
        return token(
                credential, query, due || credential.refresh().leased() ? Freshness.REFRESHING : Freshness.FRESH, null);
    }

    private Uni<AccessToken> outcome(StoredCredential seen, TokenQuery query, Uni<RefreshOutcome> refresh) {
        Duration wait = query.maxWait().orElseGet(config::maxWait);
        return refresh.ifNoItem()
                .after(longer(wait, AT_ONCE))
                .recoverWithItem(() -> new RefreshOutcome.Deferred("refresh_in_progress", SOON))
                .onItemOrFailure()
                .transformToUni((outcome, failure) ->
                        failure == null ? afterRefresh(seen, query, outcome) : fallBack(seen, query, failure));
    }

    private Uni<AccessToken> afterRefresh(StoredCredential seen, TokenQuery query, RefreshOutcome outcome) {
        return switch (outcome) {
            case RefreshOutcome.Renewed renewed ->
                sealer.toOpen(renewed.credential()).chain(credential -> renewed(credential, query));
            case RefreshOutcome.Rejected rejected ->
                fallBack(seen, query, new CredentialException.ReauthorizationRequired(seen, rejected.code()));
            case RefreshOutcome.Misconfigured wrong ->
                fallBack(seen, query, TokenFailures.misconfigured(seen, wrong.code()));
            case RefreshOutcome.Deferred later ->
                fallBack(seen, query, TokenFailures.unavailable(seen, later.code(), later.retryAfter()));
            case RefreshOutcome.Gone gone -> Uni.createFrom().failure(new CredentialException.Revoked(null));
        };
    }

    private Uni<AccessToken> renewed(StoredCredential credential, TokenQuery query) {
        return credential.isValidFor(credential.attainable(config.floor()), events.now())
                // the provider may have narrowed the grant
                ? refusal(credential, query)
                        .orElseGet(() -> Uni.createFrom().item(token(credential, query, Freshness.REFRESHED, null)))
                : Uni.createFrom().failure(TokenFailures.unavailable(credential, "expired_on_arrival", NEXT_TRY));
    }

    /** The present token while it works, else the reason why there is none. */
    private Uni<AccessToken> fallBack(StoredCredential credential, TokenQuery query, Throwable reason) {
        if (!credential.isValidFor(config.floor(), events.now())) {
            return Uni.createFrom().failure(reason);
        }
        return Uni.createFrom()
                .item(token(credential, query, Freshness.DEGRADED, TokenFailures.warning(reason, credential)));
    }

    private AccessToken token(
            StoredCredential credential, TokenQuery query, Freshness freshness, @Nullable String warning) {
        if (NEED_PROOF.contains(credential.tokenType().toLowerCase(Locale.ROOT))) {
            throw new ProviderException.Misconfigured(
                    provider(credential), "token_type", "its tokens need a proof of possession that is not supported");
        }
        usage.handedOut(credential.key(), events.now());
        // a warning is news, so who holds the token gets the whole answer
        boolean isHeld = warning == null && query.held().has(credential.key().id(), credential.version());
        return new AccessToken(
                credential.key(),
                credential.account(),
                isHeld ? null : sealer.accessToken(credential),
                credential.tokenType(),
                credential.expiresAt(),
                credential.isRefreshable() ? credential.refresh().nextAt() : null,
                credential.scopes(),
                credential.version(),
                freshness,
                warning,
                credential.metadata());
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? b : a;
    }

    private static String provider(StoredCredential credential) {
        return credential.account().provider();
    }

    private Uni<AccessToken> counted(StoredCredential credential, long startedAt, Uni<AccessToken> answer) {
        return answer.invoke(token -> events.handOut(provider(credential), TokenFailures.outcome(token), startedAt))
                .onFailure()
                .invoke(e -> events.handOut(provider(credential), TokenFailures.outcome(e), startedAt));
    }
}
