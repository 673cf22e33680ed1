package io.nexus.oauth.token.client;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.GrantType;
import io.nexus.oauth.credential.OidcClientId;
import io.nexus.oauth.credential.SealedClient;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.keys.TenantKeyLoader;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.store.ClientStore;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Finds the OAuth client of a tenant at a provider. A registration made by the API precedes one in the configuration, and one
 * for the tenant precedes one for all tenants. Cached registrations stay sealed.
 */
@ApplicationScoped
public class ClientRegistrations {

    private static final Duration CACHE_TTL = Duration.ofSeconds(10);

    private final ClientStore store;
    private final SecretSealer sealer;
    private final TenantKeyLoader tenants;
    private final ConfiguredClients configured;
    private final ClientKeys keys;
    private final Clock clock;
    private final Cache<Key, Optional<SealedClient>> cache = Caffeine.newBuilder()
            .expireAfterWrite(CACHE_TTL)
            .maximumSize(10_000)
            .build();

    ClientRegistrations(
            ClientStore store,
            SecretSealer sealer,
            TenantKeyLoader tenants,
            ConfiguredClients configured,
            ClientKeys keys,
            Clock clock) {
        this.store = store;
        this.sealer = sealer;
        this.tenants = tenants;
        this.configured = configured;
        this.keys = keys;
        this.clock = clock;
    }

    /** The registration for {@code tenant} at {@code provider}, decrypted. */
    public Uni<Optional<ClientRegistration>> find(TenantId tenant, String provider) {
        return stored(new Key(tenant, provider))
                .chain(found ->
                        found.isPresent() ? opened(found.get()).map(Optional::of) : configured.find(tenant, provider));
    }

    /** Whether a registration exists. Reads no secret. */
    public Uni<Boolean> isRegistered(TenantId tenant, String provider) {
        return stored(new Key(tenant, provider))
                .map(found -> found.isPresent() || configured.isConfigured(tenant, provider));
    }

    /**
     * Whether {@code tenant} may get tokens of the client itself: of its own registration, or of one for all tenants whose operator
     * allows that.
     */
    public Uni<Boolean> allowsMachines(TenantId tenant, String provider, GrantType grant) {
        boolean shared = grant == GrantType.CLIENT_CREDENTIALS && configured.allowsMachines(provider);
        return isOwn(tenant, provider).map(own -> own || shared);
    }

    /** When the client was changed with which {@code tenant} may exchange tokens of users, if it has one; the epoch for a configured one. */
    public Uni<Optional<Instant>> exchangeClient(TenantId tenant, String provider) {
        return stored(new Key(tenant, provider))
                .map(found -> found.map(SealedClient::updatedAt).or(() -> configured.exchangeClient(tenant, provider)));
    }

    /** Whether {@code tenant} has a registration of its own, not only the one for all tenants. Reads no secret. */
    Uni<Boolean> isOwn(TenantId tenant, String provider) {
        return stored(new Key(tenant, provider)).map(found -> found.isPresent() || configured.isOwn(tenant, provider));
    }

    /** The tenants that have a registration of their own in the configuration. */
    List<String> configuredOwners(String provider) {
        return configured.owners(provider);
    }

    /** As {@link #find}, but fails with {@link ProviderException.Misconfigured} when no registration exists. */
    public Uni<ClientRegistration> get(TenantId tenant, String provider) {
        return find(tenant, provider)
                .map(found -> found.orElseThrow(() -> new ProviderException.Misconfigured(
                        provider, "client_not_registered", "no OAuth client is registered for it")));
    }

    /**
     * As {@link #get(TenantId, String)}, for a grant that was issued to {@code clientId}, if known, with {@code vars}. Fails
     * in the same way when another client is registered, because the grant is bound to its client, or when the variables
     * differ, because they select the provider's host. A client of the Quarkus OIDC client is the operator's, whatever is registered.
     */
    public Uni<ClientRegistration> get(
            TenantId tenant, String provider, @Nullable String clientId, Map<String, String> vars) {
        if (clientId != null && OidcClientId.isReserved(clientId)) {
            return configured.oidcClient(provider, clientId);
        }
        return get(tenant, provider).invoke(client -> {
            boolean same = clientId == null || clientId.equals(client.clientId());
            if (!same || !client.vars().equals(vars)) {
                throw ProviderException.Misconfigured.clientChanged(provider);
            }
        });
    }

    /**
     * Stores a registration for {@code tenant}. A null secret keeps the stored secret of the same client. Fails with {@link
     * CredentialException.Conflict} when a kept secret was stored with other variables: the new ones could send the secret to
     * another host, and a caller that changes them may not know it.
     *
     * @param actor the caller, for the audit trail
     */
    public Uni<SealedClient> save(TenantId tenant, ClientRegistration registration, String actor) {
        Instant now = now();
        Key key = new Key(tenant, registration.provider());
        return store.find(tenant, registration.provider())
                .invoke(present -> present.ifPresent(client -> requireSecret(registration, client)))
                .invoke(present -> requireSecretOfMethod(registration, present))
                .call(() -> tenants.ensureSealable(tenant))
                .chain(present -> keys.of(tenant, registration, present, now)
                        .map(authentication -> new SealedClient(
                                tenant,
                                registration.provider(),
                                registration.clientId(),
                                secretFor(key, registration, present),
                                secondFor(key, registration, present),
                                registration.scopes(),
                                registration.omittedScopes(),
                                registration.redirectUri(),
                                registration.vars(),
                                authentication,
                                present.map(SealedClient::createdAt).orElse(now),
                                now)))
                .chain(client -> store.save(client, actor))
                .invoke(() -> cache.invalidate(key));
    }

    /**
     * Makes the next key of a client that authenticates with keys of the service. The key is published at once and signs from {@link
     * ClientKeys#PUBLISHED_BEFORE} on, when the present key ends.
     *
     * @param compromised whether the present key must not be used any more: the new one then signs at once
     * @return the client with its keys; empty when it is not registered. Fails with {@link CredentialException.Conflict} when the client
     *     has no such key, or its next key has not been used yet
     */
    public Uni<Optional<SealedClient>> rotateKey(TenantId tenant, String provider, boolean compromised, String actor) {
        return store.find(tenant, provider)
                .call(() -> tenants.ensureSealable(tenant))
                .chain(found -> found.isEmpty()
                        ? Uni.createFrom().item(found)
                        : keys.rotate(found.get(), compromised, now(), actor)
                                .invoke(() -> cache.invalidate(new Key(tenant, provider)))
                                .chain(() -> store.find(tenant, provider)));
    }

    /** As precise as the database. */
    private Instant now() {
        return clock.instant().truncatedTo(ChronoUnit.MICROS);
    }

    /** The key that signs at {@code now}: of those that are active, the newest; empty when there is none. */
    public static Optional<SealedClient.Key> signing(List<SealedClient.Key> keys, Instant now) {
        return ClientKeys.signing(keys, now);
    }

    /** The public keys that are published as {@code keySet}, as JSON Web Keys; empty for an unknown set. */
    public Uni<Optional<List<String>>> publicKeys(UUID keySet) {
        return store.publicKeys(keySet, clock.instant());
    }

    /** The registrations made for {@code tenant} by the API. */
    public Uni<List<SealedClient>> all(TenantId tenant) {
        return store.all(tenant);
    }

    /** The registration made for {@code tenant} by the API. */
    public Uni<Optional<SealedClient>> stored(TenantId tenant, String provider) {
        return store.find(tenant, provider);
    }

    /** Deletes a registration that was made by the API. False when none exists. {@code actor} goes to the audit trail. */
    public Uni<Boolean> remove(TenantId tenant, String provider, String actor) {
        return store.remove(tenant, provider, actor).invoke(() -> cache.invalidate(new Key(tenant, provider)));
    }

    private static void requireSecret(ClientRegistration registration, SealedClient present) {
        boolean keeps = usesSecret(registration)
                && registration.clientSecret() == null
                && registration.clientId().equals(present.clientId())
                && (present.clientSecret() != null || present.secondSecret() != null);
        if (keeps && !registration.vars().equals(present.vars())) {
            throw new CredentialException.Conflict(
                    "the stored client secret belongs to the present vars: send client_secret together with the new vars");
        }
    }

    /** A client that was told to authenticate with a secret would silently be a public one. */
    private static void requireSecretOfMethod(ClientRegistration registration, Optional<SealedClient> present) {
        ClientAuth method = registration.authentication().method();
        boolean isStored = present.filter(client -> isSame(client, registration) && client.clientSecret() != null)
                .isPresent();
        if (method != null && usesSecret(registration) && registration.clientSecret() == null && !isStored) {
            throw new CredentialException.Conflict(
                    "the method " + ClientAuth.nameOf(method) + " needs a client secret: send client_secret with it");
        }
    }

    private static boolean usesSecret(ClientRegistration registration) {
        ClientAuth method = registration.authentication().method();
        return method == null || !(method.isByKey() || method == ClientAuth.NONE);
    }

    private @Nullable SealedSecret secretFor(Key key, ClientRegistration registration, Optional<SealedClient> present) {
        if (registration.clientSecret() != null) {
            return sealer.seal(
                    registration.clientSecret(), SealedClient.place(key.tenant(), key.provider(), registration.vars()));
        }
        return present.filter(client -> isSame(client, registration))
                .map(SealedClient::clientSecret)
                .orElse(null);
    }

    /** A new first secret without a second one ends the rotation, so the stored second secret is dropped. */
    private @Nullable SealedSecret secondFor(Key key, ClientRegistration registration, Optional<SealedClient> present) {
        if (registration.secondSecret() != null) {
            return sealer.seal(
                    registration.secondSecret(),
                    SealedClient.secondPlace(key.tenant(), key.provider(), registration.vars()));
        }
        return present.filter(client -> registration.clientSecret() == null && isSame(client, registration))
                .map(SealedClient::secondSecret)
                .orElse(null);
    }

    /** Whether the stored secrets stay. */
    private static boolean isSame(SealedClient client, ClientRegistration registration) {
        return usesSecret(registration)
                && client.clientId().equals(registration.clientId())
                && client.vars().equals(registration.vars());
    }

    private Uni<Optional<SealedClient>> stored(Key key) {
        Optional<SealedClient> known = cache.getIfPresent(key);
        return known != null
                ? Uni.createFrom().item(known)
                : stored(key.tenant(), key.provider()).invoke(found -> cache.put(key, found));
    }

    /** The registration, decrypted. Reads and fills no cache of registrations. */
    Uni<ClientRegistration> opened(SealedClient client) {
        return tenants.ensureOpenable(client.tenant(), client.clientSecret())
                .chain(() -> tenants.ensureOpenable(client.tenant(), client.secondSecret()))
                .chain(() -> keys.open(client, clock.instant()))
                .map(authentication -> unseal(client, authentication));
    }

    private ClientRegistration unseal(SealedClient client, ClientRegistration.Authentication authentication) {
        SealedSecret secret = client.clientSecret();
        SealedSecret second = client.secondSecret();
        TenantId tenant = client.tenant();
        String provider = client.provider();
        Map<String, String> vars = client.vars();
        return new ClientRegistration(
                provider,
                client.clientId(),
                secret == null ? null : sealer.unseal(secret, SealedClient.place(tenant, provider, vars)),
                second == null ? null : sealer.unseal(second, SealedClient.secondPlace(tenant, provider, vars)),
                client.scopes(),
                client.omittedScopes(),
                client.redirectUri(),
                vars,
                authentication,
                tenant);
    }

    private record Key(TenantId tenant, String provider) {}
}
