package io.nexus.oauth.token;

import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.AccessToken.Freshness;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.StoredCredential;
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
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides which token a caller gets. The first rule: while a token is valid the caller gets it, even if its refresh fails. An
 * unavailable provider never makes the user connect again without a definite reason.
 */
@ApplicationScoped
class TokenSource {

    /** The shortest wait: a timeout of zero is not allowed. */
    private static final Duration MIN_WAIT = Duration.ofMillis(1);

    private static final String STORAGE_UNAVAILABLE = "storage_unavailable";
    private static final Duration RETRY_AFTER_TIMEOUT = Duration.ofSeconds(1);
    private static final Duration RETRY_AFTER_EXPIRED_ON_ARRIVAL = Duration.ofSeconds(30);

    private final CredentialCache credentials;
    private final UnpersistedGrants unpersisted;
    private final TokenRefresher refresher;
    private final RejectionReports reports;
    private final GrantSealer sealer;
    private final AccessTokenOpener opener;
    private final GrantEvents events;
    private final RefreshConfig config;

    TokenSource(
            CredentialCache credentials,
            UnpersistedGrants unpersisted,
            TokenRefresher refresher,
            RejectionReports reports,
            GrantSealer sealer,
            AccessTokenOpener opener,
            GrantEvents events,
            RefreshConfig config) {
        this.credentials = credentials;
        this.unpersisted = unpersisted;
        this.refresher = refresher;
        this.reports = reports;
        this.sealer = sealer;
        this.opener = opener;
        this.events = events;
        this.config = config;
    }

    /** A valid token of the account's credential, refreshed when needed. */
    Uni<AccessToken> of(AccountKey account, TokenQuery query) {
        return Uni.createFrom()
                .deferred(() -> find(
                        credentials.warm(account),
                        () -> credentials.read(account),
                        () -> unpersisted.find(account),
                        query));
    }

    /** A valid token of the credential, refreshed when needed. */
    Uni<AccessToken> of(CredentialKey key, TokenQuery query) {
        return Uni.createFrom()
                .deferred(() ->
                        find(credentials.warm(key), () -> credentials.read(key), () -> unpersisted.get(key), query));
    }

    /** A token of the credential after a refresh that happens now, whatever the expiry. */
    Uni<AccessToken> forced(CredentialKey key, TokenQuery query) {
        return Uni.createFrom()
                .deferred(() -> decided(
                        credentials.read(key),
                        () -> unpersisted.get(key),
                        found -> force(found, RefreshTrigger.FORCED, query),
                        query));
    }

    /** A token for a caller that reports: the provider's API refused the token of {@code version}. */
    Uni<AccessToken> rejected(CredentialKey key, long version, TokenQuery query) {
        return Uni.createFrom()
                .deferred(() -> decided(
                        reports.read(key),
                        () -> unpersisted.get(key),
                        found -> reported(found, version, query),
                        query));
    }

    /** A cached credential serves a plain hit only; every other decision uses the stored one. */
    private Uni<AccessToken> find(
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
            return counted(warm.get(), startedAt, unlessRefused(warm.get(), query, Freshness.FRESH, null));
        }
        return decided(read.get(), held, found -> answer(found, query), query);
    }

    /**
     * Answers from the stored credential. A grant that this replica could not store yet goes first, because the token before
     * it may be revoked. While the database is unavailable, only such grants are served. A cached credential is not: without
     * the change feed this replica cannot know whether another one revoked it, and an outage must not undo a revocation.
     */
    private Uni<AccessToken> decided(
            Uni<Optional<StoredCredential>> reading,
            Supplier<Optional<StoredCredential>> held,
            Function<StoredCredential, Uni<AccessToken>> answer,
            TokenQuery query) {
        long startedAt = System.nanoTime();
        return reading.chain(found -> sealer.ensureOpenable(query.require(found)))
                .onItemOrFailure()
                .transformToUni((found, failure) -> {
                    Optional<StoredCredential> newer = failure == null
                            ? unpersisted.newerThan(found)
                            : failure instanceof StorageException ? held.get() : Optional.empty();
                    newer = newer.filter(credential -> credential.isValidFor(config.floor(), events.now()));
                    if (newer.isPresent()) {
                        return counted(
                                newer.get(),
                                startedAt,
                                unlessRefused(newer.get(), query, Freshness.FRESH, STORAGE_UNAVAILABLE));
                    }
                    return failure == null
                            ? counted(found, startedAt, refusal(found, query).orElseGet(() -> answer.apply(found)))
                            : Uni.createFrom().failure(failure);
                });
    }

    private Uni<AccessToken> unlessRefused(
            StoredCredential credential, TokenQuery query, Freshness freshness, @Nullable String warning) {
        return refusal(credential, query)
                .orElseGet(() -> Uni.createFrom().item(() -> opener.open(credential, query, freshness, warning)));
    }

    private static Optional<Uni<AccessToken>> refusal(StoredCredential credential, TokenQuery query) {
        return query.refusal(credential).map(Uni.createFrom()::failure);
    }

    private boolean isHit(StoredCredential credential, TokenQuery query, Instant now) {
        Duration least = credential.attainable(longer(query.minTtl().orElseGet(config::minTtl), config.floor()));
        // before its first refresh only the rest of the token's lifetime is known, so the floor is not lowered
        return credential.isValidFor(
                credential.refresh().lastAt() == null ? longer(least, config.floor()) : least, now);
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
            return fallBack(credential, query, TokenFailures.backingOff(credential, code, coolDown));
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
                    credential,
                    query,
                    TokenFailures.backingOff(credential, TokenFailures.warning(credential), coolDown));
        }
        return outcome(
                credential,
                query,
                trigger == RefreshTrigger.REJECTED
                        ? reports.report(credential)
                        : refresher.refresh(credential, trigger));
    }

    /** A valid token. A due refresh starts in the background; the caller does not wait for it. */
    private AccessToken valid(StoredCredential credential, TokenQuery query, Instant now) {
        boolean dead = credential.status() == CredentialStatus.REAUTHORIZATION_REQUIRED;
        boolean due = credential.isDue(now) && credential.coolDown(now).isZero();
        if (due) {
            refresher.begin(credential, RefreshTrigger.AHEAD);
        }
        if (dead || credential.refresh().lastError() != null) {
            return opener.open(credential, query, Freshness.DEGRADED, TokenFailures.warning(credential));
        }
        boolean refreshing = due || credential.refresh().leased();
        return opener.open(credential, query, refreshing ? Freshness.REFRESHING : Freshness.FRESH, null);
    }

    private Uni<AccessToken> outcome(StoredCredential seen, TokenQuery query, Uni<RefreshOutcome> refresh) {
        Duration wait = query.maxWait().orElseGet(config::maxWait);
        return refresh.ifNoItem()
                .after(longer(wait, MIN_WAIT))
                .recoverWithItem(() -> new RefreshOutcome.Deferred("refresh_in_progress", RETRY_AFTER_TIMEOUT))
                .onItemOrFailure()
                .transformToUni((outcome, failure) ->
                        failure == null ? afterRefresh(seen, query, outcome) : fallBack(seen, query, failure));
    }

    private Uni<AccessToken> afterRefresh(StoredCredential seen, TokenQuery query, RefreshOutcome outcome) {
        return switch (outcome) {
            case RefreshOutcome.Renewed renewed ->
                sealer.ensureOpenable(renewed.credential()).chain(credential -> renewed(credential, query));
            case RefreshOutcome.Rejected rejected ->
                fallBack(seen, query, new CredentialException.ReauthorizationRequired(seen, rejected.code()));
            case RefreshOutcome.Misconfigured wrong ->
                fallBack(seen, query, TokenFailures.misconfigured(seen, wrong.code()));
            case RefreshOutcome.Deferred later ->
                fallBack(seen, query, TokenFailures.postponed(seen, later.code(), later.retryAfter()));
            case RefreshOutcome.Gone gone -> Uni.createFrom().failure(new CredentialException.Revoked(null));
        };
    }

    private Uni<AccessToken> renewed(StoredCredential credential, TokenQuery query) {
        return credential.isValidFor(credential.attainable(config.floor()), events.now())
                // the provider may have granted fewer scopes than before
                ? unlessRefused(credential, query, Freshness.REFRESHED, null)
                : Uni.createFrom()
                        .failure(TokenFailures.unavailable(
                                credential,
                                Objects.requireNonNullElse(credential.refresh().lastError(), "expired_on_arrival"),
                                RETRY_AFTER_EXPIRED_ON_ARRIVAL));
    }

    /** The present token while it is valid; fails with {@code reason} otherwise. */
    private Uni<AccessToken> fallBack(StoredCredential credential, TokenQuery query, Throwable reason) {
        if (!credential.isValidFor(config.floor(), events.now())) {
            return Uni.createFrom().failure(reason);
        }
        // thrown here, a failure to open the token would hide in a composite of both failures
        return Uni.createFrom()
                .item(() ->
                        opener.open(credential, query, Freshness.DEGRADED, TokenFailures.warning(reason, credential)));
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? b : a;
    }

    private static String provider(StoredCredential credential) {
        return credential.account().provider();
    }

    private Uni<AccessToken> counted(StoredCredential credential, long startedAt, Uni<AccessToken> answer) {
        return answer.invoke(
                        token -> events.tokenRequest(provider(credential), TokenFailures.outcome(token), startedAt))
                .onFailure()
                .invoke(e -> events.tokenRequest(provider(credential), TokenFailures.outcome(e), startedAt));
    }
}
