package io.nexus.oauth.token;

import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.AccessToken.Freshness;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.provider.ProviderException;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
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

    private static final Duration SOON = Duration.ofSeconds(1);
    private static final Duration NEXT_TRY = Duration.ofSeconds(30);

    private final WarmCredentials credentials;
    private final TokenRefresher refresher;
    private final GrantSealer sealer;
    private final UsageRecorder usage;
    private final Announcer announcer;
    private final RefreshConfig config;

    HandOut(
            WarmCredentials credentials,
            TokenRefresher refresher,
            GrantSealer sealer,
            UsageRecorder usage,
            Announcer announcer,
            RefreshConfig config) {
        this.credentials = credentials;
        this.refresher = refresher;
        this.sealer = sealer;
        this.usage = usage;
        this.announcer = announcer;
        this.config = config;
    }

    Uni<AccessToken> of(AccountKey account, TokenDemand demand) {
        return Uni.createFrom()
                .deferred(() -> handOut(credentials.warm(account), () -> credentials.read(account), demand));
    }

    Uni<AccessToken> of(CredentialKey key, TokenDemand demand) {
        return Uni.createFrom().deferred(() -> handOut(credentials.warm(key), () -> credentials.read(key), demand));
    }

    Uni<AccessToken> forced(CredentialKey key, TokenDemand demand) {
        return Uni.createFrom().deferred(() -> {
            long startedAt = System.nanoTime();
            return credentials
                    .read(key)
                    .map(HandOut::present)
                    .chain(found -> counted(found, startedAt, force(found, demand)));
        });
    }

    /** A remembered credential is good for a plain hit and for nothing else: every decision is made on the stored one. */
    private Uni<AccessToken> handOut(
            Optional<StoredCredential> warm, Supplier<Uni<Optional<StoredCredential>>> read, TokenDemand demand) {
        long startedAt = System.nanoTime();
        Instant now = announcer.now();
        if (warm.isPresent() && isHit(warm.get(), demand, now) && !RefreshPolicy.isDue(warm.get(), now)) {
            return counted(warm.get(), startedAt, Uni.createFrom().item(token(warm.get(), Freshness.FRESH, null)));
        }
        return read.get().map(HandOut::present).chain(found -> counted(found, startedAt, answer(found, demand)));
    }

    private boolean isHit(StoredCredential credential, TokenDemand demand, Instant now) {
        return credential.isValidFor(
                RefreshPolicy.attainable(credential, longer(demand.minTtl().orElseGet(config::minTtl), config.floor())),
                now);
    }

    private Uni<AccessToken> answer(StoredCredential credential, TokenDemand demand) {
        Instant now = announcer.now();
        if (isHit(credential, demand, now)) {
            return Uni.createFrom().item(valid(credential, now));
        }
        if (!credential.isRefreshable()) {
            return fallBack(credential, reconnect(credential));
        }
        Duration coolDown = RefreshPolicy.coolDown(credential, now);
        if (coolDown.isPositive()) {
            String code = Objects.requireNonNullElse(credential.refresh().lastError(), "expired_on_arrival");
            return fallBack(credential, unavailable(credential, code, coolDown));
        }
        return refresh(credential, Trigger.READ, demand);
    }

    private Uni<AccessToken> force(StoredCredential credential, TokenDemand demand) {
        if (!credential.isRefreshable()) {
            return fallBack(credential, reconnect(credential));
        }
        Duration coolDown = RefreshPolicy.coolDown(credential, announcer.now());
        return coolDown.isPositive()
                ? fallBack(credential, unavailable(credential, warning(credential), coolDown))
                : refresh(credential, Trigger.FORCED, demand);
    }

    /** A token that works. When its refresh is due, it is begun, but not waited for. */
    private AccessToken valid(StoredCredential credential, Instant now) {
        boolean dead = credential.status() == CredentialStatus.REAUTHORIZATION_REQUIRED;
        boolean due = RefreshPolicy.isDue(credential, now)
                && RefreshPolicy.coolDown(credential, now).isZero();
        if (due) {
            refresher.begin(credential, Trigger.AHEAD);
        }
        if (dead || credential.refresh().lastError() != null) {
            return token(credential, Freshness.DEGRADED, warning(credential));
        }
        return token(credential, due || credential.refresh().leased() ? Freshness.REFRESHING : Freshness.FRESH, null);
    }

    private Uni<AccessToken> refresh(StoredCredential seen, Trigger trigger, TokenDemand demand) {
        Duration wait = demand.maxWait().orElseGet(config::maxWait);
        return refresher
                .refresh(seen, trigger)
                .ifNoItem()
                .after(longer(wait, AT_ONCE))
                .recoverWithItem(() -> new RefreshOutcome.Deferred("refresh_in_progress", SOON))
                .onItemOrFailure()
                .transformToUni(
                        (outcome, failure) -> failure == null ? afterRefresh(seen, outcome) : fallBack(seen, failure));
    }

    private Uni<AccessToken> afterRefresh(StoredCredential seen, RefreshOutcome outcome) {
        return switch (outcome) {
            case RefreshOutcome.Renewed renewed -> renewed(renewed.credential());
            case RefreshOutcome.Rejected rejected ->
                fallBack(seen, new CredentialException.ReauthorizationRequired(seen, rejected.code()));
            case RefreshOutcome.Misconfigured wrong ->
                fallBack(seen, new ProviderException.Misconfigured(provider(seen), wrong.code(), wrong.code()));
            case RefreshOutcome.Deferred later -> fallBack(seen, unavailable(seen, later.code(), later.retryAfter()));
            case RefreshOutcome.Gone gone -> Uni.createFrom().failure(new CredentialException.Revoked(null));
        };
    }

    private Uni<AccessToken> renewed(StoredCredential credential) {
        return credential.isValidFor(RefreshPolicy.attainable(credential, config.floor()), announcer.now())
                ? Uni.createFrom().item(token(credential, Freshness.REFRESHED, null))
                : Uni.createFrom().failure(unavailable(credential, "expired_on_arrival", NEXT_TRY));
    }

    /** The present token while it works, else the reason why there is none. */
    private Uni<AccessToken> fallBack(StoredCredential credential, Throwable reason) {
        if (!credential.isValidFor(config.floor(), announcer.now())) {
            return Uni.createFrom().failure(reason);
        }
        return Uni.createFrom().item(token(credential, Freshness.DEGRADED, warning(reason, credential)));
    }

    private AccessToken token(StoredCredential credential, Freshness freshness, @Nullable String warning) {
        if (NEED_PROOF.contains(credential.tokenType().toLowerCase(Locale.ROOT))) {
            throw new ProviderException.Misconfigured(
                    provider(credential), "token_type", "its tokens need a proof of possession that is not supported");
        }
        usage.handedOut(credential.key(), announcer.now());
        return new AccessToken(
                credential.key(),
                credential.account(),
                sealer.accessToken(credential),
                credential.tokenType(),
                credential.expiresAt(),
                credential.scopes(),
                credential.version(),
                freshness,
                warning,
                credential.metadata());
    }

    private static StoredCredential present(Optional<StoredCredential> found) {
        StoredCredential credential = found.orElseThrow(CredentialException.NotFound::new);
        if (credential.status() == CredentialStatus.REVOKED) {
            throw new CredentialException.Revoked(credential.revokedAt());
        }
        return credential;
    }

    private static CredentialException reconnect(StoredCredential credential) {
        String error = credential.status() == CredentialStatus.ACTIVE
                ? "no_refresh_token"
                : Objects.requireNonNullElse(credential.refresh().lastError(), "invalid_grant");
        return new CredentialException.ReauthorizationRequired(credential, error);
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
        return switch (token.freshness()) {
            case FRESH, REFRESHING -> "hit";
            case REFRESHED -> "refreshed";
            case DEGRADED -> "stale";
        };
    }

    private static String outcome(Throwable failure) {
        return switch (failure) {
            case CredentialException.ReauthorizationRequired ended -> "reconnect_required";
            case ProviderException failed -> "provider_error";
            default -> "failed";
        };
    }
}
