package io.nexus.oauth.token.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.keys.TenantKeyLoader;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.testing.MutableClock;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Exchanged tokens wait in memory, sealed, for as long as they may be handed out. */
@QuarkusTest
class ExchangeCacheTest {

    private final MutableClock clock = new MutableClock();
    private final TenantId tenant = new TenantId(Api.unique("tenant"));
    private ExchangeCache cache;

    @Inject
    SecretSealer sealer;

    @Inject
    TenantKeyLoader keys;

    @BeforeEach
    void empty() {
        cache = new ExchangeCache(sealer, keys, clock);
    }

    @Test
    void aTokenIsThereUntilItsEndAndThenGivesItsPlacesBack() {
        put(tenant, "a", "token", 60);

        assertThat(find(tenant, "a").orElseThrow().value()).isEqualTo(Secret.of("token"));
        assertThat(find(tenant, "b")).isEmpty();
        assertThat(cache.size()).isEqualTo(1);
        clock.advance(Duration.ofSeconds(60));
        assertThat(find(tenant, "a")).isEmpty();
    }

    @Test
    void whatHasEndedAlreadyIsNotKept() {
        put(tenant, "a", "token", 0);
        put(tenant, "b", "token", -5);

        assertThat(cache.size()).isZero();
    }

    @Test
    void aTokenIsReplacedAndTakesItsOwnPlacesOnly() {
        put(tenant, "a", "t".repeat(9_000), 60);
        assertThat(cache.size()).isGreaterThan(9);
        put(tenant, "a", "token", 60);

        assertThat(cache.size()).isEqualTo(1);
        assertThat(find(tenant, "a").orElseThrow().value()).isEqualTo(Secret.of("token"));
    }

    /** The tokens of a shredded tenant are as unreadable as what is stored. */
    @Test
    void aShreddedTenantHasNoTokens() {
        put(tenant, "a", "token", 60);
        keys.forget(tenant);

        assertThatThrownBy(() -> find(tenant, "a")).isInstanceOf(CryptoException.class);
    }

    @Test
    void aTenantWithVeryManyTokensLeavesRoomForAnother() {
        for (int i = 0; i < 800; i++) {
            put(tenant, "many-" + i, "t".repeat(20_000), 60);
        }
        assertThat(cache.size()).isBetween(ExchangeCache.MAX_PLACES / 2 - 40, ExchangeCache.MAX_PLACES / 2);

        TenantId other = new TenantId(Api.unique("tenant"));
        put(other, "one", "token", 60);
        assertThat(find(other, "one")).isPresent();
        assertThat(find(tenant, "many-799"))
                .as("no room was left for the tenant")
                .isEmpty();
    }

    @Test
    void aTokenOfAnyLengthIsNotKept() {
        put(tenant, "a", "t".repeat(ExchangeCache.MAX_PLACES_OF_TOKEN * 1_000), 60);

        assertThat(cache.size()).isZero();
    }

    private void put(TenantId of, String subject, String value, int seconds) {
        await(cache.put(
                key(of, subject),
                new ExchangedToken(Secret.of(value), "urn:x", "Bearer", null, Scopes.NONE),
                clock.instant().plusSeconds(seconds)));
    }

    private Optional<ExchangedToken> find(TenantId of, String subject) {
        return await(cache.find(key(of, subject)));
    }

    private static ExchangeKey key(TenantId of, String subject) {
        return new ExchangeKey(
                new AccountKey(of, "exchanging", "alice"),
                List.of(Instant.EPOCH),
                subject,
                "urn:x",
                null,
                List.of(),
                Scopes.NONE);
    }

    private static <T> T await(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(30));
    }
}
