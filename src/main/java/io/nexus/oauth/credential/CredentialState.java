package io.nexus.oauth.credential;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The state of a credential at one moment: whether its token works, and whether its user has to act. It is computed from the
 * stored row and the clock. {@code store.StateSql} has the same definition for the database; a test compares both.
 */
public enum CredentialState {
    /** The token works, and no end is near. */
    VALID,
    /** The token works, but within 7 days it ends and no refresh can replace it. The user has to connect again before. */
    EXPIRING,
    /** The token has expired. The service refreshes it at the next request. */
    EXPIRED,
    /** The provider ended the grant, or the token has expired and cannot be refreshed. The user has to connect again. */
    RECONNECT_REQUIRED,
    /** Revoked in this service, which never issues its token again. */
    REVOKED;

    /** How long before the end of a grant it is expiring. */
    public static final Duration EXPIRING_WITHIN = Duration.ofDays(7);

    /** The text in the API. */
    public String value() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The state of the text {@code value}; throws {@link IllegalArgumentException} for any other text. */
    public static CredentialState of(String value) {
        return Stream.of(values())
                .filter(state -> state.value().equals(value))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("must be one of "
                        + Stream.of(values()).map(CredentialState::value).collect(Collectors.joining(", "))));
    }

    static CredentialState of(StoredCredential credential, Instant now) {
        return switch (credential.status()) {
            case REVOKED -> REVOKED;
            case REAUTHORIZATION_REQUIRED -> RECONNECT_REQUIRED;
            case ACTIVE -> ofActive(credential, now);
        };
    }

    private static CredentialState ofActive(StoredCredential credential, Instant now) {
        Instant end = endsAt(credential);
        if (!credential.isValidFor(Duration.ZERO, now)) {
            return end != null && !end.isAfter(now) ? RECONNECT_REQUIRED : EXPIRED;
        }
        boolean near = end != null && !end.isAfter(now.plus(EXPIRING_WITHIN));
        return near && !isReplaced(credential, now) ? EXPIRING : VALID;
    }

    /** When neither the access token nor a refresh can give a valid token any more; null when no such end is known. */
    private static @Nullable Instant endsAt(StoredCredential credential) {
        Instant tokenEnd = credential.expiresAt();
        if (!credential.isRenewable() || tokenEnd == null) {
            return tokenEnd;
        }
        Instant refreshEnd = credential.refresh().tokenExpiresAt();
        return refreshEnd == null || refreshEnd.isAfter(tokenEnd) ? refreshEnd : tokenEnd;
    }

    /** A living refresh token whose whole lifetime is within the period is replaced at each refresh, so it ends no grant. */
    private static boolean isReplaced(StoredCredential credential, Instant now) {
        RefreshState refresh = credential.refresh();
        Instant end = refresh.tokenExpiresAt();
        if (!credential.isRenewable() || end == null || !end.isAfter(now)) {
            return false;
        }
        Instant since = refresh.tokenEndSince();
        return since == null || Duration.between(since, end).compareTo(EXPIRING_WITHIN) <= 0;
    }
}
