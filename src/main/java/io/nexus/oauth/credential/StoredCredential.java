package io.nexus.oauth.credential;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A credential as it is stored: its secrets are sealed, so it may be cached.
 *
 * @param key its tenant and id
 * @param account whose account at which provider
 * @param status what is stored of its state
 * @param accessToken the sealed access token, or null once revoked
 * @param refreshToken the sealed refresh token, or null when there is none
 * @param tokenType how the access token is to be sent
 * @param expiresAt when the access token ends, or null when it does not
 * @param expiryAssumed true when the provider named no expiry
 * @param scopes the granted scopes
 * @param clientId the OAuth client of the grant, or null when unknown
 * @param clientVars the client's variables when the grant was made: its secrets go nowhere else and open with no others
 * @param identity the account at the provider, or null
 * @param metadata non-secret facts of the grant
 * @param version counts the changes of the token material
 * @param refresh how its refreshing stands
 * @param issuedAt when the token material last changed
 * @param createdAt when it was connected first
 * @param updatedAt when the row last changed
 * @param revokedAt when it was revoked, or null
 * @param lastUsedAt when it was last handed out, to the minute, or null
 * @param createdBy the caller that connected it, or null
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
        @Nullable String createdBy) {

    /** The longest time that reads leave the provider alone after a failure. */
    private static final Duration LONGEST_COOL_DOWN = Duration.ofSeconds(30);

    /** A token that lives shorter than this arrived dead. */
    private static final Duration SHORTEST_LIFE = Duration.ofSeconds(1);

    /** The field name of the access token in {@link #place}. */
    public static final String ACCESS_TOKEN = "access_token";

    /** The field name of the refresh token in {@link #place}. */
    public static final String REFRESH_TOKEN = "refresh_token";

    /** Where the secret called {@code field} of the credential {@code key} is kept, made with {@code clientVars}. */
    public static SecretPlace place(CredentialKey key, Map<String, String> clientVars, String field) {
        return new SecretPlace(key.tenant(), key.id().toString(), field, clientVars);
    }

    /** Whether the access token is good for more than {@code least} after {@code now}. One without an end always is. */
    public boolean isValidFor(Duration least, Instant now) {
        return expiresAt == null || now.plus(least).isBefore(expiresAt);
    }

    /** Whether a refresh could be tried at all. */
    public boolean isRefreshable() {
        return status == CredentialStatus.ACTIVE && refreshToken != null;
    }

    /** This credential as it is once {@code grant}, the answer to a refresh, is stored. */
    public StoredCredential with(SealedGrant grant) {
        RefreshState renewed =
                new RefreshState(grant.nextRefreshAt(), grant.issuedAt(), null, 0, 0, null, null, false, Duration.ZERO);
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
                createdBy);
    }

    /** How long the present access token was good for when it was issued, or null when it has no end. */
    public @Nullable Duration lifetime() {
        return expiresAt == null ? null : Duration.between(issuedAt, expiresAt);
    }

    /**
     * What the token must be good for, given what the caller asks: no more than four fifths of what it can be good for, or a
     * caller who asks for more than a lifetime would spend a refresh on every read.
     */
    public Duration attainable(Duration wanted) {
        Duration lifetime = lifetime();
        if (lifetime == null || !lifetime.isPositive()) {
            return wanted;
        }
        Duration most = Duration.ofMillis(lifetime.toMillis() * 4 / 5); // Duration.dividedBy is slow: BigDecimal
        return wanted.compareTo(most) > 0 ? most : wanted;
    }

    /** Whether a read at {@code now} should start a refresh in the background: the schedule would have done it by now. */
    public boolean isDue(Instant now) {
        Instant next = refresh.nextAt();
        return isRefreshable() && next != null && !now.isBefore(next);
    }

    /**
     * How long reads leave the provider alone after a failure, or a success that brought no living token: to the end of the
     * back-off, 30 seconds at most, because a caller who waits is worth a try; a grant under suspicion until it is asked about
     * again, because no caller makes the answer come sooner. Zero when nothing holds them back.
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
        Instant latest = since.plus(LONGEST_COOL_DOWN);
        Instant end = state.nextAt().isBefore(latest) ? state.nextAt() : latest;
        return now.isBefore(end) ? Duration.between(now, end) : Duration.ZERO;
    }

    /**
     * How long nobody may ask out of turn for a refresh, because the last was just now: to the end of {@code interval} after it,
     * or of half the token's life when that is less. Never longer, whatever the clocks say. Zero when nothing is in the way.
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

    /** When a refresh gave a token that was dead already, or none in the place of a dead one; null when it did not. */
    private @Nullable Instant deadOnArrival() {
        Duration lifetime = lifetime();
        if (lifetime == null || expiresAt == null) {
            return null;
        }
        if (!lifetime.isNegative() && lifetime.compareTo(SHORTEST_LIFE) < 0) {
            return issuedAt;
        }
        Instant last = refresh.lastAt();
        return last == null || expiresAt.isAfter(last) || issuedAt.isAfter(last) ? null : last;
    }
}
