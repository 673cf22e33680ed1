package io.nexus.oauth.credential;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A credential as it is stored. Its secrets are sealed, so it may be cached.
 *
 * @param key its tenant and id
 * @param account the account at the provider
 * @param status the stored status
 * @param accessToken the sealed access token, or null once revoked
 * @param refreshToken the sealed refresh token, or null when there is none
 * @param tokenType how the access token is sent
 * @param expiresAt when the access token expires, or null when it does not
 * @param expiryAssumed true when the provider named no expiry
 * @param scopes the granted scopes
 * @param clientId the OAuth client of the grant, or null when unknown
 * @param clientVars the client's variables when the grant was made; its secrets are bound to them and to their hosts
 * @param identity the account's identity at the provider, or null
 * @param metadata non-secret values of the grant
 * @param version the version of the token material; each change increments it
 * @param refresh the state of its refreshes
 * @param issuedAt when the token material last changed
 * @param createdAt when it was first connected
 * @param updatedAt when the row last changed
 * @param revokedAt when it was revoked, or null
 * @param lastUsedAt when the service last issued its token, accurate to a minute, or null
 * @param createdBy the caller that connected it, or null
 * @param request the token request of a machine connection, or null for the grant of a person
 */
public record StoredCredential(
        CredentialKey key,
        AccountKey account,
        CredentialStatus status,
        @Nullable SealedSecret accessToken,
        @Nullable SealedSecret refreshToken,
        String tokenType,
        @Nullable Instant expiresAt,
        boolean expiryAssumed,
        Scopes scopes,
        @Nullable String clientId,
        Map<String, String> clientVars,
        @Nullable AccountIdentity identity,
        Map<String, String> metadata,
        long version,
        RefreshState refresh,
        Instant issuedAt,
        Instant createdAt,
        Instant updatedAt,
        @Nullable Instant revokedAt,
        @Nullable Instant lastUsedAt,
        @Nullable String createdBy,
        @Nullable TokenRequest request) {

    /** The longest back-off for reads after a failed refresh. */
    private static final Duration MAX_COOL_DOWN = Duration.ofSeconds(30);

    /** A token with a shorter lifetime counts as expired on arrival. */
    private static final Duration MIN_LIFETIME = Duration.ofSeconds(1);

    private static final Duration SAME_END = Duration.ofMinutes(1);

    /** The field name of the access token in {@link #place}. */
    public static final String ACCESS_TOKEN = "access_token";

    /** The field name of the refresh token in {@link #place}. */
    public static final String REFRESH_TOKEN = "refresh_token";

    /** The place of the secret {@code field} of credential {@code key}, bound to {@code clientVars}. */
    public static SecretPlace place(CredentialKey key, Map<String, String> clientVars, String field) {
        return new SecretPlace(key.tenant(), key.id().toString(), field, clientVars);
    }

    /**
     * Whether the access token is valid for more than {@code least} after {@code now}. A token without expiry always
     * is.
     */
    public boolean isValidFor(Duration least, Instant now) {
        return expiresAt == null || now.plus(least).isBefore(expiresAt);
    }

    /** Whether it is a machine connection: its token request spends nothing, and no person can connect it again. */
    public boolean isMachine() {
        return request != null;
    }

    /** Throws {@link CredentialException.Conflict} when a grant of the other kind is to replace it before it is revoked. */
    public void requireKind(boolean machine) {
        if (status != CredentialStatus.REVOKED && machine != isMachine()) {
            throw new CredentialException.Conflict(
                    isMachine()
                            ? "the account is a machine connection: the service gets its tokens itself, so no person can connect"
                                    + " it. To connect a person, revoke it first or use another user"
                            : "the account is connected by a person: to make it a machine connection, revoke it first or use"
                                    + " another user");
        }
    }

    /** Whether it is revoked, and was not yet when it had {@code seen} as its version. */
    public boolean isRevokedSince(long seen) {
        return status == CredentialStatus.REVOKED && version != seen;
    }

    /** How it gets its tokens. */
    public GrantType grantType() {
        return request == null ? GrantType.AUTHORIZATION_CODE : request.grantType();
    }

    /** Whether the service can get a new token without a person: by a refresh token, or as a machine connection. */
    public boolean isRenewable() {
        return refreshToken != null || isMachine();
    }

    /** Whether a refresh is possible: the credential is active and renewable. */
    public boolean isRefreshable() {
        return status == CredentialStatus.ACTIVE && isRenewable();
    }

    /** This credential after {@code grant}, the response to a refresh, is stored. */
    public StoredCredential with(SealedGrant grant) {
        RefreshState renewed = new RefreshState(
                grant.nextRefreshAt(),
                grant.issuedAt(),
                null,
                grant.defect() == null ? 0 : refresh.failures() + 1,
                0,
                grant.defect(),
                null,
                false,
                Duration.ZERO,
                grant.refreshExpiresAt(),
                endSince(grant));
        return new StoredCredential(
                key,
                account,
                CredentialStatus.ACTIVE,
                grant.accessToken(),
                grant.refreshToken() == null ? refreshToken : grant.refreshToken(),
                grant.tokenType(),
                grant.expiresAt(),
                grant.expiryAssumed(),
                grant.scopes() == null ? scopes : grant.scopes(),
                clientId,
                clientVars,
                identity,
                grant.metadata(),
                version + 1,
                renewed,
                grant.issuedAt(),
                createdAt,
                updatedAt,
                null,
                lastUsedAt,
                createdBy,
                request);
    }

    /** Since when the refresh token's end is known. An end that a refresh moves by less than a minute is the same end. */
    private @Nullable Instant endSince(SealedGrant grant) {
        Instant before = refresh.tokenExpiresAt();
        Instant after = grant.refreshExpiresAt();
        boolean same = before != null
                && after != null
                && Duration.between(before, after).abs().compareTo(SAME_END) < 0;
        return same ? refresh.tokenEndSince() : grant.issuedAt();
    }

    /** The state at {@code now}. */
    public CredentialState state(Instant now) {
        return CredentialState.of(this, now);
    }

    /** The lifetime of the access token when it was issued, or null when it does not expire. */
    public @Nullable Duration lifetime() {
        return expiresAt == null ? null : Duration.between(issuedAt, expiresAt);
    }

    /**
     * The remaining validity to require when the caller asks for {@code wanted}: at most half of the token's lifetime.
     * The schedule refreshes no earlier either, so a token costs at most one refresh per half lifetime. Otherwise a
     * caller that asks for more than a lifetime would cause a refresh on every read.
     */
    public Duration attainable(Duration wanted) {
        Duration lifetime = lifetime();
        if (lifetime == null || !lifetime.isPositive()) {
            return wanted;
        }
        Duration most = Duration.ofMillis(lifetime.toMillis() / 2); // Duration.dividedBy is slow: BigDecimal
        return wanted.compareTo(most) > 0 ? most : wanted;
    }

    /** Whether a read at {@code now} should start a background refresh, because the scheduled time has passed. */
    public boolean isDue(Instant now) {
        Instant next = refresh.nextAt();
        return isRefreshable() && next != null && !now.isBefore(next);
    }

    /**
     * How long reads wait before another refresh, after a failure or a response without a valid token. The wait ends
     * with the back-off, after 30 seconds at most, so that a waiting caller gets another try. A suspected grant waits
     * until its next scheduled check. Zero when nothing blocks a refresh.
     */
    public Duration coolDown(Instant now) {
        RefreshState state = refresh;
        if (state.suspectedAt() != null && state.nextAt() != null) {
            return now.isBefore(state.nextAt()) ? Duration.between(now, state.nextAt()) : Duration.ZERO;
        }
        Instant since = state.failedAt() == null ? deadOnArrival() : state.failedAt();
        if (since == null || state.nextAt() == null) {
            return Duration.ZERO;
        }
        Instant latest = since.plus(MAX_COOL_DOWN);
        Instant end = state.nextAt().isBefore(latest) ? state.nextAt() : latest;
        return now.isBefore(end) ? Duration.between(now, end) : Duration.ZERO;
    }

    /**
     * How long a forced refresh is refused after the last refresh: {@code interval}, or half the token's lifetime when
     * that is shorter. Never longer, even when clocks differ. Zero when a forced refresh is allowed.
     */
    public Duration tooSoon(Instant now, Duration interval) {
        Duration lifetime = lifetime();
        Duration half = lifetime == null ? interval : Duration.ofMillis(Math.max(0, lifetime.toMillis() / 2));
        Duration least = half.compareTo(interval) < 0 ? half : interval;
        Instant last = refresh.lastAt();
        Instant since = last == null || last.isBefore(issuedAt) ? issuedAt : last;
        Duration left = Duration.between(now, since.plus(least));
        if (left.isNegative()) {
            return Duration.ZERO;
        }
        return left.compareTo(least) > 0 ? least : left;
    }

    /**
     * How long a refresh is refused because the provider allows one in {@code interval} only. Never longer, even when
     * clocks differ. Zero when it is allowed.
     */
    public Duration restOfInterval(Instant now, Duration interval) {
        Instant last = refresh.lastAt();
        if (last == null || interval.isZero()) {
            return Duration.ZERO;
        }
        Duration left = Duration.between(now, last.plus(interval));
        if (left.isNegative()) {
            return Duration.ZERO;
        }
        return left.compareTo(interval) > 0 ? interval : left;
    }

    /** When a refresh returned an expired token, or none to replace an expired one; null when it did not. */
    private @Nullable Instant deadOnArrival() {
        Duration lifetime = lifetime();
        if (lifetime == null || expiresAt == null) {
            return null;
        }
        if (!lifetime.isNegative() && lifetime.compareTo(MIN_LIFETIME) < 0) {
            return issuedAt;
        }
        Instant last = refresh.lastAt();
        return last == null || expiresAt.isAfter(last) || issuedAt.isAfter(last) ? null : last;
    }
}
