package io.nexus.oauth.token.client;

import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.SealedClient;
import io.nexus.oauth.credential.SealedClient.Key;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.keys.TenantKeyLoader;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.ClientRegistration.Authentication;
import io.nexus.oauth.provider.assertion.ClientCertificate;
import io.nexus.oauth.provider.assertion.ClientKey;
import io.nexus.oauth.provider.assertion.ClientKey.Algorithm;
import io.nexus.oauth.provider.entry.ProfileTerm.AssertionAudience;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import io.nexus.oauth.store.ClientStore;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The keys of stored OAuth clients, with their certificates: makes, seals, rotates and opens them. A client has two keys at most. The one that became active last
 * signs; the other is tried when the provider rejects it. Keys are made and opened on a worker thread.
 */
@ApplicationScoped
class ClientKeys {

    /** How long a made key is published before it signs: three times as long as a copy of the key set may be kept. */
    static final Duration PUBLISHED_BEFORE = Duration.ofMinutes(15);

    /** How long a replaced key is still tried and published. */
    static final Duration PUBLISHED_AFTER = Duration.ofHours(24);

    /** A key stops to sign before it is no longer published: longer than an assertion lives and a registration is cached. */
    private static final Duration LAST_ASSERTION = Duration.ofMinutes(2);

    private final ClientStore store;
    private final SecretSealer sealer;
    private final TenantKeyLoader tenants;
    private final Vertx vertx;

    ClientKeys(ClientStore store, SecretSealer sealer, TenantKeyLoader tenants, Vertx vertx) {
        this.store = store;
        this.sealer = sealer;
        this.tenants = tenants;
        this.vertx = vertx;
    }

    /** The authentication to store for {@code registration}: with the keys that stay, the brought one, or a new one. */
    Uni<SealedClient.Authentication> of(
            TenantId tenant, ClientRegistration registration, Optional<SealedClient> present, Instant now) {
        Authentication wanted = registration.authentication();
        UUID keySet = present.map(client -> client.authentication().keySet()).orElse(null);
        boolean authenticates = isByKey(wanted.method());
        if (!authenticates && wanted.key() == null && !hasKeyOfGrants(registration, present)) {
            return Uni.createFrom().item(sealed(wanted, keySet, List.of()));
        }
        UUID published = Objects.requireNonNullElseGet(keySet, UUID::randomUUID);
        List<Key> kept = present.filter(client -> client.clientId().equals(registration.clientId()))
                .map(client -> client.authentication().keys())
                .orElse(List.of());
        boolean sameVars = present.filter(client -> client.vars().equals(registration.vars()))
                .isPresent();
        List<Key> usable = sameVars ? kept : List.of();
        ClientKey brought = wanted.key();
        if (brought == null) {
            requireOwnKeys(kept, usable, wanted.algorithm());
            requireCertificate(wanted.method(), usable);
            if (!usable.isEmpty() && hasAlgorithm(usable.getLast(), wanted.algorithm())) {
                return Uni.createFrom().item(sealed(wanted, published, usable));
            }
        } else if (!usable.isEmpty() && usable.getLast().publicJwk().equals(brought.publicJwk())) {
            return Uni.createFrom().item(sealed(wanted, published, usable));
        }
        return made(wanted)
                .map(key -> seal(tenant, registration, key, brought != null, now))
                .map(next -> sealed(wanted, published, replaced(usable, next, now)));
    }

    private static boolean isByKey(@Nullable ClientAuth method) {
        return method != null && method.isByKey();
    }

    /** Whether the stored client signs grants (RFC 7523 section 2.1) with a brought key, while it authenticates in another way. */
    private static boolean hasKeyOfGrants(ClientRegistration registration, Optional<SealedClient> present) {
        return present.filter(client -> client.clientId().equals(registration.clientId()))
                .map(SealedClient::authentication)
                .filter(stored -> !stored.keys().isEmpty()
                        && (stored.method() == null
                                || !ClientAuth.of(stored.method()).isByKey()))
                .isPresent();
    }

    /** A brought key cannot be made anew, and other variables could send its assertions to another host. */
    private static void requireOwnKeys(List<Key> kept, List<Key> usable, @Nullable Algorithm algorithm) {
        boolean isBrought = !kept.isEmpty() && kept.getLast().brought();
        if (isBrought && (usable.isEmpty() || !hasAlgorithm(usable.getLast(), algorithm))) {
            throw new CredentialException.Conflict(
                    "the stored private key belongs to the present vars and algorithm: send private_key together with the new ones");
        }
    }

    /** The service makes no certificate, because a server has to know it or its authority. */
    private static void requireCertificate(@Nullable ClientAuth method, List<Key> usable) {
        boolean isCertified = !usable.isEmpty()
                && ClientKey.describe(usable.getLast().publicJwk()).certificate() != null;
        if (method != null && method.isTls() && !isCertified) {
            throw new CredentialException.Conflict("the method " + ClientAuth.nameOf(method)
                    + " needs a certificate: send private_key with the key and its certificate");
        }
    }

    private static boolean hasAlgorithm(Key key, @Nullable Algorithm algorithm) {
        return algorithm == null || key.publicJwk().contains("\"alg\":\"" + algorithm + "\"");
    }

    private static SealedClient.Authentication sealed(Authentication wanted, @Nullable UUID keySet, List<Key> keys) {
        AssertionAudience audience = wanted.audience();
        return new SealedClient.Authentication(
                ClientAuth.nameOf(wanted.method()),
                wanted.algorithm() == null ? null : wanted.algorithm().name(),
                audience == null ? null : audience.name().toLowerCase(Locale.ROOT),
                keySet,
                keys);
    }

    private Uni<ClientKey> made(Authentication wanted) {
        ClientKey brought = wanted.key();
        return brought != null
                ? Uni.createFrom().item(brought)
                : make(Objects.requireNonNullElse(wanted.algorithm(), Algorithm.RS256));
    }

    private Uni<ClientKey> make(Algorithm algorithm) {
        return vertx.executeBlocking(() -> ClientKey.make(algorithm), false);
    }

    private Key seal(
            TenantId tenant, ClientRegistration registration, ClientKey key, boolean brought, Instant activeFrom) {
        return seal(tenant, registration.provider(), registration.vars(), key, brought, activeFrom);
    }

    private Key seal(
            TenantId tenant,
            String provider,
            Map<String, String> vars,
            ClientKey key,
            boolean brought,
            Instant activeFrom) {
        UUID id = UUID.randomUUID();
        return new Key(
                id,
                key.publicJwk(),
                sealer.seal(key.toSecret(), SealedClient.keyPlace(tenant, provider, id, vars)),
                brought,
                activeFrom,
                null);
    }

    private static List<Key> replaced(List<Key> present, Key next, Instant now) {
        List<Key> keys = new ArrayList<>();
        signing(present, now).ifPresent(key -> keys.add(key.retiring(now.plus(PUBLISHED_AFTER))));
        keys.add(next);
        return keys;
    }

    /** The key that signs now: of those that are active, the newest. */
    static Optional<Key> signing(List<Key> keys, Instant now) {
        return keys.stream()
                .filter(key -> !key.activeFrom().isAfter(now) && mayStillSign(key, now))
                .max(Comparator.comparing(Key::activeFrom));
    }

    private static boolean mayStillSign(Key key, Instant now) {
        return key.retiresAt() == null || now.isBefore(key.retiresAt().minus(LAST_ASSERTION));
    }

    /** Whether its certificate ended, so that no server would take it. */
    private static boolean hasEnded(Key key, Instant now) {
        ClientCertificate.Details certificate =
                ClientKey.describe(key.publicJwk()).certificate();
        return certificate != null && now.isAfter(certificate.notAfter());
    }

    /** Adds the next key of {@code client}. Fails with {@link CredentialException.Conflict} when that is not possible now. */
    Uni<Void> rotate(SealedClient client, boolean compromised, Instant now, String actor) {
        List<Key> keys = client.authentication().keys();
        if (keys.isEmpty() || keys.getLast().brought()) {
            throw new CredentialException.Conflict(
                    keys.isEmpty()
                            ? "the client does not authenticate by private_key_jwt"
                            : "the key was brought: bring the next one as private_key of the registration");
        }
        Instant usedFrom = keys.getLast().activeFrom();
        if (!compromised && keys.size() > 1 && now.isBefore(usedFrom.plus(LAST_ASSERTION))) {
            throw new CredentialException.Conflict(
                    "the next key is published and signs from " + usedFrom + " on: rotate again after it");
        }
        Instant activeFrom = compromised ? now : now.plus(PUBLISHED_BEFORE);
        Optional<Key> present = compromised
                ? Optional.empty()
                : signing(keys, now).map(key -> key.retiring(activeFrom.plus(PUBLISHED_AFTER)));
        return make(algorithm(client))
                .map(key -> seal(client.tenant(), client.provider(), client.vars(), key, false, activeFrom))
                .chain(next -> store.rotate(client, present, next, now, actor))
                .invoke(done -> {
                    if (!done) {
                        throw new CredentialException.Conflict(
                                "the client was changed at the same time: look at it again");
                    }
                })
                .replaceWithVoid();
    }

    private static Algorithm algorithm(SealedClient client) {
        String named = client.authentication().algorithm();
        return named == null ? Algorithm.RS256 : Algorithm.of(named);
    }

    /** The authentication of {@code client} with the keys that may sign now, decrypted. */
    Uni<Authentication> open(SealedClient client, Instant now) {
        SealedClient.Authentication stored = client.authentication();
        Authentication plain = new Authentication(
                stored.method() == null ? null : ClientAuth.of(stored.method()),
                stored.algorithm() == null ? null : Algorithm.of(stored.algorithm()),
                stored.audience() == null ? null : AssertionAudience.of(stored.audience()),
                null,
                null,
                null);
        if (stored.keys().isEmpty()) {
            return Uni.createFrom().item(plain);
        }
        Optional<Key> first = signing(stored.keys(), now);
        Optional<Key> second = stored.keys().stream()
                .filter(key -> !key.equals(first.orElse(null)) && mayStillSign(key, now) && !hasEnded(key, now))
                .findFirst();
        return Multi.createFrom()
                .iterable(stored.keys())
                .onItem()
                .transformToUniAndConcatenate(key -> tenants.ensureOpenable(client.tenant(), key.secret()))
                .collect()
                .last()
                .chain(() -> vertx.executeBlocking(
                        () -> plain.with(unsealed(client, first), unsealed(client, second)), false));
    }

    private @Nullable ClientKey unsealed(SealedClient client, Optional<Key> key) {
        return key.map(found -> ClientKey.of(sealer.unseal(
                        found.secret(),
                        SealedClient.keyPlace(client.tenant(), client.provider(), found.id(), client.vars()))))
                .orElse(null);
    }
}
