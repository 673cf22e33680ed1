package io.nexus.oauth.credential;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The state of a credential, case by case. {@code CredentialQueriesTest} compares it with the filter of the database. */
class CredentialStateTest {

    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    /** Times are hours from now; an empty one is null. */
    @ParameterizedTest
    @CsvSource({
        "REVOKED, true, 1, , , revoked",
        "REVOKED, true, -1, , , revoked",
        "REAUTHORIZATION_REQUIRED, true, 1, , , reconnect_required",
        // a refresh token whose end is not known
        "ACTIVE, true, 1, , , valid",
        "ACTIVE, true, , , , valid",
        "ACTIVE, true, 0, , , expired",
        "ACTIVE, true, -9999, , , expired",
        // no refresh token
        "ACTIVE, false, , , , valid",
        "ACTIVE, false, 169, , , valid",
        "ACTIVE, false, 168, , , expiring",
        "ACTIVE, false, 1, , , expiring",
        "ACTIVE, false, 0, , , reconnect_required",
        // a refresh token that ends
        "ACTIVE, true, 1, 169, -1000, valid",
        "ACTIVE, true, 1, 168, -1000, expiring",
        "ACTIVE, true, 1, 0, -1000, expiring",
        "ACTIVE, true, 1, -1, -1000, expiring",
        "ACTIVE, true, 169, -1, -1000, valid",
        "ACTIVE, true, , 1, -1000, valid",
        "ACTIVE, true, -1, 1, -1000, expired",
        "ACTIVE, true, -1, 0, -1000, reconnect_required",
        "ACTIVE, true, -1, -1, -1000, reconnect_required",
        // one that each refresh replaces: it lives shorter than the period of the warning
        "ACTIVE, true, 1, 100, -68, valid",
        "ACTIVE, true, 1, 100, -69, expiring",
        "ACTIVE, true, 1, -1, -2, expiring",
    })
    void isTheState(
            CredentialStatus status,
            boolean refreshToken,
            Long end,
            Long refreshEnd,
            Long refreshEndSince,
            String state) {
        StoredCredential credential = credential(status, refreshToken, at(end), at(refreshEnd), at(refreshEndSince));

        assertThat(credential.state(NOW).value()).isEqualTo(state);
        assertThat(CredentialState.of(state)).isEqualTo(credential.state(NOW));
    }

    @Test
    void anotherTextIsNoState() {
        assertThatThrownBy(() -> CredentialState.of("active"))
                .hasMessage("must be one of valid, expiring, expired, reconnect_required, revoked");
    }

    /** What the cache has after a refresh is what the database has. */
    @Test
    void aRefreshThatKeepsTheEndOfTheRefreshTokenKeepsItsStart() {
        StoredCredential before = credential(CredentialStatus.ACTIVE, true, at(1L), at(100L), at(-1000L));

        assertThat(before.with(grant(at(100L).plusSeconds(59))).state(NOW)).isEqualTo(CredentialState.EXPIRING);
        assertThat(before.with(grant(at(100L).plusSeconds(61))).state(NOW)).isEqualTo(CredentialState.VALID);
    }

    private static SealedGrant grant(Instant refreshEnd) {
        return new SealedGrant(
                new SealedSecret("k.a"),
                new SealedSecret("k.r"),
                "Bearer",
                null,
                at(1L),
                false,
                NOW,
                null,
                Map.of(),
                Map.of(),
                null,
                refreshEnd,
                null);
    }

    private static Instant at(Long hours) {
        return hours == null ? null : NOW.plus(Duration.ofHours(hours));
    }

    private static StoredCredential credential(
            CredentialStatus status, boolean refreshToken, Instant end, Instant refreshEnd, Instant refreshEndSince) {
        return new StoredCredential(
                new CredentialKey(TenantId.DEFAULT, new UUID(0, 1)),
                new AccountKey(TenantId.DEFAULT, "google", "alice"),
                status,
                new SealedSecret("k.a"),
                refreshToken ? new SealedSecret("k.r") : null,
                "Bearer",
                end,
                false,
                Scopes.NONE,
                null,
                Map.of(),
                null,
                Map.of(),
                1,
                new RefreshState(null, null, null, 0, 0, null, null, false, Duration.ZERO, refreshEnd, refreshEndSince),
                NOW,
                NOW,
                NOW,
                null,
                null,
                null,
                null);
    }
}
