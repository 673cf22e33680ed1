package io.nexus.oauth.token.exchange;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.event.TenantPlaces;
import io.nexus.oauth.keys.TenantKeyLoader;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Caches exchanged tokens in sealed form, in the memory of this process only. A token without room is not cached: a tenant takes half of
 * the places at most.
 */
@ApplicationScoped
class ExchangeCache {

    private static final Logger LOG = Logger.getLogger(ExchangeCache.class);

    /** The characters of a place. A usual token takes two or three. */
    private static final int PLACE = 1_000;

    /** The places of all tokens together: 20 million characters. */
    static final int MAX_PLACES = 20_000;

    /** The places of one token. Providers choose its length. */
    static final int MAX_PLACES_OF_TOKEN = 32;

    private final SecretSealer sealer;
    private final TenantKeyLoader tenants;
    private final Clock clock;
    private final TenantPlaces places = new TenantPlaces(MAX_PLACES);
    private final Cache<ExchangeKey, Entry> entries = Caffeine.newBuilder()
            .expireAfter(Expiry.<ExchangeKey, Entry>writing((key, entry) -> left(entry)))
            .executor(Runnable::run)
            .removalListener(this::removed)
            .build();

    ExchangeCache(SecretSealer sealer, TenantKeyLoader tenants, Clock clock) {
        this.sealer = sealer;
        this.tenants = tenants;
        this.clock = clock;
    }

    /** The token for {@code key}; empty when none is cached or it may no longer be handed out. Fails as the keys of the tenant do. */
    Uni<Optional<ExchangedToken>> find(ExchangeKey key) {
        Entry entry = entries.getIfPresent(key);
        if (entry == null || left(entry).isZero()) {
            return Uni.createFrom().item(Optional.empty());
        }
        return tenants.ensureOpenable(key.account().tenant(), entry.text())
                .map(ready -> Optional.of(entry.opened(sealer.unseal(entry.text(), key.place()))));
    }

    /** Caches {@code token} until {@code until}. Never fails: what cannot be sealed now is not cached. */
    Uni<Void> put(ExchangeKey key, ExchangedToken token, Instant until) {
        if (!until.isAfter(clock.instant())) {
            return Uni.createFrom().voidItem();
        }
        return tenants.ensureSealable(key.account().tenant())
                .invoke(() -> add(key, Entry.of(token, sealer.seal(token.value(), key.place()), until)))
                .onFailure(failure -> failure instanceof CryptoException || failure instanceof StorageException)
                .recoverWithUni(failure -> {
                    LOG.debugf("an exchanged token is not cached: %s", failure.getMessage());
                    return Uni.createFrom().voidItem();
                });
    }

    private void add(ExchangeKey key, Entry entry) {
        TenantId tenant = key.account().tenant();
        if (entry.places() > MAX_PLACES_OF_TOKEN) {
            return;
        }
        if (!take(tenant, entry.places())) {
            entries.cleanUp(); // those that ended give their places back
            if (!take(tenant, entry.places())) {
                return;
            }
        }
        entries.put(key, entry);
    }

    private boolean take(TenantId tenant, int wanted) {
        for (int taken = 0; taken < wanted; taken++) {
            if (!places.take(tenant)) {
                free(tenant, taken);
                return false;
            }
        }
        return true;
    }

    private void free(TenantId tenant, int taken) {
        for (int i = 0; i < taken; i++) {
            places.free(tenant);
        }
    }

    private void removed(@Nullable ExchangeKey key, @Nullable Entry entry, RemovalCause cause) {
        free(
                Objects.requireNonNull(key).account().tenant(),
                Objects.requireNonNull(entry).places());
    }

    private Duration left(Entry entry) {
        Duration left = Duration.between(clock.instant(), entry.until());
        return left.isNegative() ? Duration.ZERO : left;
    }

    /** The places that are taken. */
    int size() {
        entries.cleanUp();
        return places.size();
    }

    /** A cached token, without its value in clear text. */
    private record Entry(
            SealedSecret text,
            String type,
            String tokenType,
            @Nullable Instant expiresAt,
            Scopes scopes,
            Instant until) {

        static Entry of(ExchangedToken token, SealedSecret text, Instant until) {
            return new Entry(text, token.type(), token.tokenType(), token.expiresAt(), token.scopes(), until);
        }

        ExchangedToken opened(Secret value) {
            return new ExchangedToken(value, type, tokenType, expiresAt, scopes);
        }

        int places() {
            return 1 + (text.text().length() + scopes.join(" ").length()) / PLACE;
        }
    }
}
