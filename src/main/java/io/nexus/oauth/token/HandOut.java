package io.nexus.oauth.token;

import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.AccessToken.Freshness;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.Reach;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.provider.ProviderException;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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
class HandOut {

    /** Token types that need a proof with each request (RFC 9449, RFC 6749 section 7.1): the text alone is of no use. */
    private static final Set<String> NEED_PROOF = Set.of("dpop", "mac", "pop");

    /** No time at all is not a time to wait for. */
    private static final Duration AT_ONCE = Duration.ofMillis(1);

    private static final String STORAGE_UNAVAILABLE = "storage_unavailable";
    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration NEXT_TRY = Duration.ofSeconds(30);

    private final WarmCredentials credentials;
    private final Unpersisted unpersisted;
    private final TokenRefresher refresher;
    private final RejectionReports reports;
    private final GrantSealer sealer;
    private final UsageRecorder usage;
    private final Announcer announcer;
    private final RefreshConfig config;

    HandOut(
            WarmCredentials credentials,
            Unpersisted unpersisted,
            TokenRefresher refresher,
            RejectionReports reports,
            GrantSealer sealer,
            UsageRecorder usage,
            Announcer announcer,
            RefreshConfig config) {
        this.credentials = credentials;
        this.unpersisted = unpersisted;
        this.refresher = refresher;
        this.reports = reports;
        this.sealer = sealer;
        this.usage = usage;
        this.announcer = announcer;
        this.config = config;
    }

    Uni<AccessToken> of(AccountKey account, TokenDemand demand) {
        return Uni.createFrom()
                .deferred(() -> handOut(
                        credentials.warm(account),
                        () -> credentials.read(account),
                        () -> unpersisted.find(account),
                        demand));
    }

    Uni<AccessToken> of(CredentialKey key, TokenDemand demand) {
        return Uni.createFrom()
                .deferred(() -> handOut(
                        credentials.warm(key), () -> credentials.read(key), () -> unpersisted.get(key), demand));
    }

    Uni<AccessToken> forced(CredentialKey key, TokenDemand demand) {
        return Uni.createFrom()
                .deferred(() -> decided(
                        credentials.read(key),
                        () -> unpersisted.get(key),
                        found -> force(found, Trigger.FORCED, demand),
                        demand));
    }

    /** As a caller who says that the provider's API refused the token of {@code version}. */
    Uni<AccessToken> rejected(CredentialKey key, long version, TokenDemand demand) {
        return Uni.createFrom()
                .deferred(() -> decided(
                        reports.read(key),
                        () -> unpersisted.get(key),
                        found -> reported(found, version, demand),
                        demand));
    }

    /** A remembered credential is good for a plain hit and for nothing else: every decision is made on the stored one. */
    private Uni<AccessToken> handOut(
            Optional<StoredCredential> warm,
            Supplier<Uni<Optional<StoredCredential>>> read,
            Supplier<Optional<StoredCredential>> held,
            TokenDemand demand) {
        long startedAt = System.nanoTime();
        Instant now = announcer.now();
        if (warm.isPresent()
                && sealer.isOpenable(warm.get())
                && isHit(warm.get(), demand, now)
                && !RefreshPolicy.isDue(warm.get(), now)
                && unpersisted.newerThan(warm.get()).isEmpty()) {
            return counted(warm.get(), startedAt, plain(warm.get(), demand));
        }
        return decided(read.get(), held, found -> answer(found, demand), demand);
    }

    private Uni<AccessToken> plain(StoredCredential credential, TokenDemand demand) {
        return refusal(credential, demand)
                .orElseGet(() -> Uni.createFrom().item(token(credential, demand, Freshness.FRESH, null)));
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
            TokenDemand demand) {
        long startedAt = System.nanoTime();
        return reading.chain(found -> sealer.toOpen(present(found, demand)))
                .onItemOrFailure()
                .transformToUni((found, failure) -> {
                    Optional<StoredCredential> newer = failure == null
                            ? unpersisted.newerThan(found)
                            : failure instanceof StorageException ? held.get() : Optional.empty();
                    newer = newer.filter(credential -> credential.isValidFor(config.floor(), announcer.now()));
                    if (newer.isPresent()) {
                        return counted(newer.get(), startedAt, unstored(newer.get(), demand));
                    }
                    return failure == null
                            ? counted(found, startedAt, refusal(found, demand).orElseGet(() -> answer.apply(found)))
                            : Uni.createFrom().failure(failure);
                });
    }

    private Uni<AccessToken> unstored(StoredCredential provisional, TokenDemand demand) {
        return refusal(provisional, demand)
                .orElseGet(() ->
                        Uni.createFrom().item(() -> token(provisional, demand, Freshness.FRESH, STORAGE_UNAVAILABLE)));
    }

    /**
     * The failure of a caller who may not have the token, or who needs what the user did not allow; empty when nothing known is
     * missing.
     */
    private static Optional<Uni<AccessToken>> refusal(StoredCredential credential, TokenDemand demand) {
        if (!demand.reach().allows(credential.account(), credential.scopes())) {
            return Optional.of(Uni.createFrom().failure(outOf(demand.reach(), credential)));
        }
        // where the provider did not say what it granted, nothing is known to be missing
        if (demand.scopes().isEmpty() || credential.scopes().isEmpty()) {
            return Optional.empty();
        }
        List<String> missing = credential.scopes().missing(demand.scopes());
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        Uni.createFrom().failure(new CredentialException.InsufficientScope(credential.key(), missing)));
    }

    private boolean isHit(StoredCredential credential, TokenDemand demand, Instant now) {
        return credential.isValidFor(
                RefreshPolicy.attainable(credential, longer(demand.minTtl().orElseGet(config::minTtl), config.floor())),
                now);
    }

    private Uni<AccessToken> answer(StoredCredential credential, TokenDemand demand) {
        Instant now = announcer.now();
        if (isHit(credential, demand, now)) {
            return Uni.createFrom().item(valid(credential, demand, now));
        }
        if (!credential.isRefreshable()) {
            return fallBack(credential, demand, reconnect(credential));
        }
        Duration coolDown = RefreshPolicy.coolDown(credential, now);
        if (coolDown.isPositive()) {
            String code = Objects.requireNonNullElse(credential.refresh().lastError(), "expired_on_arrival");
            return fallBack(credential, demand, heldBack(credential, code, coolDown));
        }
        return outcome(credential, demand, refresher.refresh(credential, Trigger.READ));
    }

    private Uni<AccessToken> reported(StoredCredential credential, long version, TokenDemand demand) {
        if (version > credential.version()) {
            return Uni.createFrom().failure(new CredentialException.UnknownVersion());
        }
        return version < credential.version()
                ? answer(credential, demand)
                : force(credential, Trigger.REJECTED, demand);
    }

    private Uni<AccessToken> force(StoredCredential credential, Trigger trigger, TokenDemand demand) {
        if (!credential.isRefreshable()) {
            return fallBack(credential, demand, reconnect(credential));
        }
        Instant now = announcer.now();
        Duration tooSoon = RefreshPolicy.tooSoon(credential, now, config.minInterval());
        if (tooSoon.isPositive()) {
            return Uni.createFrom().failure(new CredentialException.TooManyRefreshes(tooSoon));
        }
        Duration coolDown = RefreshPolicy.coolDown(credential, now);
        if (coolDown.isPositive()) {
            return fallBack(credential, demand, heldBack(credential, warning(credential), coolDown));
        }
        return outcome(
                credential,
                demand,
                trigger == Trigger.REJECTED ? reports.report(credential) : refresher.refresh(credential, trigger));
    }

    /** A token that works. When its refresh is due, it is begun, but not waited for. */
    private AccessToken valid(StoredCredential credential, TokenDemand demand, Instant now) {
        boolean dead = credential.status() == CredentialStatus.REAUTHORIZATION_REQUIRED;
        boolean due = RefreshPolicy.isDue(credential, now)
                && RefreshPolicy.coolDown(credential, now).isZero();
        if (due) {
            refresher.begin(credential, Trigger.AHEAD);
        }
        if (dead || credential.refresh().lastError() != null) {
            return token(credential, demand, Freshness.DEGRADED, warning(credential));
        }
        return token(
                credential,
                demand,
                due || credential.refresh().leased() ? Freshness.REFRESHING : Freshness.FRESH,
                null);
    }

    private Uni<AccessToken> outcome(StoredCredential seen, TokenDemand demand, Uni<RefreshOutcome> refresh) {
        Duration wait = demand.maxWait().orElseGet(config::maxWait);
        return refresh.ifNoItem()
                .after(longer(wait, AT_ONCE))
                .recoverWithItem(() -> new RefreshOutcome.Deferred("refresh_in_progress", SOON))
                .onItemOrFailure()
                .transformToUni((outcome, failure) ->
                        failure == null ? afterRefresh(seen, demand, outcome) : fallBack(seen, demand, failure));
    }

    private Uni<AccessToken> afterRefresh(StoredCredential seen, TokenDemand demand, RefreshOutcome outcome) {
        return switch (outcome) {
            case RefreshOutcome.Renewed renewed ->
                sealer.toOpen(renewed.credential()).chain(credential -> renewed(credential, demand));
            case RefreshOutcome.Rejected rejected ->
                fallBack(seen, demand, new CredentialException.ReauthorizationRequired(seen, rejected.code()));
            case RefreshOutcome.Misconfigured wrong -> fallBack(seen, demand, misconfigured(seen, wrong.code()));
            case RefreshOutcome.Deferred later ->
                fallBack(seen, demand, unavailable(seen, later.code(), later.retryAfter()));
            case RefreshOutcome.Gone gone -> Uni.createFrom().failure(new CredentialException.Revoked(null));
        };
    }

    private Uni<AccessToken> renewed(StoredCredential credential, TokenDemand demand) {
        return credential.isValidFor(RefreshPolicy.attainable(credential, config.floor()), announcer.now())
                // the provider may have narrowed the grant
                ? refusal(credential, demand)
                        .orElseGet(() -> Uni.createFrom().item(token(credential, demand, Freshness.REFRESHED, null)))
                : Uni.createFrom().failure(unavailable(credential, "expired_on_arrival", NEXT_TRY));
    }

    /** The present token while it works, else the reason why there is none. */
    private Uni<AccessToken> fallBack(StoredCredential credential, TokenDemand demand, Throwable reason) {
        if (!credential.isValidFor(config.floor(), announcer.now())) {
            return Uni.createFrom().failure(reason);
        }
        // thrown here, a failure to open the token would hide in a composite of both failures
        return Uni.createFrom().item(() -> token(credential, demand, Freshness.DEGRADED, warning(reason, credential)));
    }

    private AccessToken token(
            StoredCredential credential, TokenDemand demand, Freshness freshness, @Nullable String warning) {
        if (NEED_PROOF.contains(credential.tokenType().toLowerCase(Locale.ROOT))) {
            throw new ProviderException.Misconfigured(
                    provider(credential), "token_type", "its tokens need a proof of possession that is not supported");
        }
        usage.handedOut(credential.key(), announcer.now());
        // a warning is news, so who holds the token gets the whole answer
        boolean isHeld = warning == null && demand.held().has(credential.key().id(), credential.version());
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

    /** What the caller may not touch looks as if it were not there, before anything else of it is told. */
    private static StoredCredential present(Optional<StoredCredential> found, TokenDemand demand) {
        StoredCredential credential = found.filter(each -> demand.reach().covers(each.account()))
                .orElseThrow(CredentialException.NotFound::new);
        if (credential.status() == CredentialStatus.REVOKED) {
            throw new CredentialException.Revoked(credential.revokedAt());
        }
        return credential;
    }

    private static CredentialException outOf(Reach reach, StoredCredential credential) {
        return reach.covers(credential.account())
                ? new CredentialException.BeyondReach("the token has scopes above the caller's ceiling")
                : new CredentialException.NotFound();
    }

    private static CredentialException reconnect(StoredCredential credential) {
        String error = credential.status() == CredentialStatus.ACTIVE
                ? "no_refresh_token"
                : Objects.requireNonNullElse(credential.refresh().lastError(), "invalid_grant");
        return new CredentialException.ReauthorizationRequired(credential, error);
    }

    /** Why nobody asks just now; waiting does not mend a client. */
    private static ProviderException heldBack(StoredCredential credential, String code, Duration coolDown) {
        return code.equals(ProviderException.Misconfigured.CLIENT_CHANGED)
                ? misconfigured(credential, code)
                : unavailable(credential, code, coolDown);
    }

    private static ProviderException misconfigured(StoredCredential credential, String code) {
        return code.equals(ProviderException.Misconfigured.CLIENT_CHANGED)
                ? ProviderException.Misconfigured.clientChanged(provider(credential))
                : new ProviderException.Misconfigured(provider(credential), code, code);
    }

    private static ProviderException unavailable(StoredCredential credential, String code, Duration retryAfter) {
        return new ProviderException.Unavailable(provider(credential), code, retryAfter);
    }

    private static String warning(StoredCredential credential) {
        return Objects.requireNonNullElse(credential.refresh().lastError(), "refresh_failed");
    }

    private static String warning(Throwable reason, StoredCredential credential) {
        return switch (reason) {
            case CredentialException.ReauthorizationRequired ended -> ended.error();
            case ProviderException failed -> failed.code();
            default -> warning(credential);
        };
    }

    private static Duration longer(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? b : a;
    }

    private static String provider(StoredCredential credential) {
        return credential.account().provider();
    }

    private Uni<AccessToken> counted(StoredCredential credential, long startedAt, Uni<AccessToken> answer) {
        return answer.invoke(token -> announcer.handOut(provider(credential), outcome(token), startedAt))
                .onFailure()
                .invoke(e -> announcer.handOut(provider(credential), outcome(e), startedAt));
    }

    private static String outcome(AccessToken token) {
        if (token.value() == null) {
            return "hit";
        }
        return switch (token.freshness()) {
            case FRESH, REFRESHING -> "hit";
            case REFRESHED -> "refreshed";
            case DEGRADED -> "stale";
        };
    }

    private static String outcome(Throwable failure) {
        return switch (failure) {
            case CredentialException.ReauthorizationRequired ended -> "reconnect_required";
            case CredentialException.InsufficientScope lacking -> "insufficient_scope";
            case CredentialException.TooManyRefreshes limited -> "limited";
            case ProviderException failed -> "provider_error";
            default -> "failed";
        };
    }
}
