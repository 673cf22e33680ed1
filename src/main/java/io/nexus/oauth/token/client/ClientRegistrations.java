package io.nexus.oauth.token.client;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.SealedClient;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.keys.TenantKeyLoader;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.ProviderException;
import io.nexus.oauth.store.ClientStore;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the OAuth client of a tenant at a provider. A registration made by the API precedes one in the configuration, and one
 * for the tenant precedes one for all tenants. Cached registrations stay sealed. Secret files are read at each use, so a
 * changed file takes effect at once.
 */
@ApplicationScoped
public class ClientRegistrations {

    private static final Duration CACHE_TTL = Duration.ofSeconds(10);

    private final ClientStore store;
    private final SecretSealer sealer;
    private final TenantKeyLoader tenants;

    /** The configured clients by provider, then by tenant; those for all tenants have an empty one. */
    private final Map<String, Map<Optional<String>, ClientsConfig.Client>> configured;

    private final Clock clock;
    private final Vertx vertx;
    private final Cache<Key, Optional<SealedClient>> cache = Caffeine.newBuilder()
            .expireAfterWrite(CACHE_TTL)
            .maximumSize(10_000)
            .build();

    ClientRegistrations(
            ClientStore store,
            SecretSealer sealer,
            TenantKeyLoader tenants,
            ClientsConfig config,
            Clock clock,
            Vertx vertx) {
        this.store = store;
        this.sealer = sealer;
        this.tenants = tenants;
        this.configured = byProvider(config);
        this.clock = clock;
        this.vertx = vertx;
    }

    private static Map<String, Map<Optional<String>, ClientsConfig.Client>> byProvider(ClientsConfig config) {
        Map<String, Map<Optional<String>, ClientsConfig.Client>> all = new HashMap<>();
        for (ClientsConfig.Client client : config.all().values()) {
            all.computeIfAbsent(client.provider(), provider -> new LinkedHashMap<>())
                    .putIfAbsent(client.tenant(), client);
        }
        return all;
    }

    /** The registration for {@code tenant} at {@code provider}, decrypted. */
    public Uni<Optional<ClientRegistration>> find(TenantId tenant, String provider) {
        return stored(new Key(tenant, provider))
                .chain(found ->
                        found.isPresent() ? opened(found.get()).map(Optional::of) : configured(tenant, provider));
    }

    /** Whether a registration exists. Reads no secret. */
    public Uni<Boolean> isRegistered(TenantId tenant, String provider) {
        return stored(new Key(tenant, provider))
                .map(found ->
                        found.isPresent() || configuredFor(tenant, provider).isPresent());
    }

    /** Whether {@code tenant} has a registration of its own, not only the one for all tenants. Reads no secret. */
    Uni<Boolean> isOwn(TenantId tenant, String provider) {
        return stored(new Key(tenant, provider))
                .map(found -> found.isPresent()
                        || configured(provider, Optional.of(tenant.value())).isPresent());
    }

    /** The tenants that have a registration of their own in the configuration. */
    List<String> configuredOwners(String provider) {
        return configured.getOrDefault(provider, Map.of()).keySet().stream()
                .flatMap(Optional::stream)
                .toList();
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
     * differ, because they select the provider's host.
     */
    public Uni<ClientRegistration> get(
            TenantId tenant, String provider, @Nullable String clientId, Map<String, String> vars) {
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
        Instant now = clock.instant();
        Key key = new Key(tenant, registration.provider());
        return store.find(tenant, registration.provider())
                .invoke(present -> present.ifPresent(client -> requireSecret(registration, client)))
                .call(() -> tenants.ensureSealable(tenant))
                .map(present -> new SealedClient(
                        tenant,
                        registration.provider(),
                        registration.clientId(),
                        secretFor(key, registration, present),
                        secondFor(key, registration, present),
                        registration.scopes(),
                        registration.omittedScopes(),
                        registration.redirectUri(),
                        registration.vars(),
                        present.map(SealedClient::createdAt).orElse(now),
                        now))
                .chain(client -> store.save(client, actor))
                .invoke(() -> cache.invalidate(key));
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
        boolean keeps = registration.clientSecret() == null
                && registration.clientId().equals(present.clientId())
                && (present.clientSecret() != null || present.secondSecret() != null);
        if (keeps && !registration.vars().equals(present.vars())) {
            throw new CredentialException.Conflict(
                    "the stored client secret belongs to the present vars: send client_secret together with the new vars");
        }
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

    private static boolean isSame(SealedClient client, ClientRegistration registration) {
        return client.clientId().equals(registration.clientId())
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
                .map(ignored -> unseal(client));
    }

    private ClientRegistration unseal(SealedClient client) {
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
                tenant);
    }

    private Uni<Optional<ClientRegistration>> configured(TenantId tenant, String provider) {
        Optional<ClientsConfig.Client> found = configuredFor(tenant, provider);
        boolean hasFile = found.filter(client -> client.clientSecretFile().isPresent()
                        || client.secondClientSecretFile().isPresent())
                .isPresent();
        return hasFile
                ? vertx.executeBlocking(() -> found.map(ClientRegistrations::registration), false)
                : Uni.createFrom().item(() -> found.map(ClientRegistrations::registration));
    }

    private Optional<ClientsConfig.Client> configuredFor(TenantId tenant, String provider) {
        return configured(provider, Optional.of(tenant.value())).or(() -> configured(provider, Optional.empty()));
    }

    private Optional<ClientsConfig.Client> configured(String provider, Optional<String> tenant) {
        return Optional.ofNullable(configured.getOrDefault(provider, Map.of()).get(tenant));
    }

    /** Blocks when a secret is read from a file. */
    private static ClientRegistration registration(ClientsConfig.Client client) {
        String provider = client.provider();
        return new ClientRegistration(
                provider,
                client.clientId(),
                secret(provider, client.clientSecret(), client.clientSecretFile()),
                secret(provider, client.secondClientSecret(), client.secondClientSecretFile()),
                client.scopes().map(Scopes::of).orElse(Scopes.NONE),
                client.omittedScopes().map(Scopes::of).orElse(Scopes.NONE),
                client.redirectUri().orElse(null),
                client.vars(),
                null);
    }

    private static @Nullable Secret secret(String provider, Optional<String> text, Optional<Path> file) {
        return file.map(path -> read(provider, path))
                .or(() -> text)
                .filter(found -> !found.isBlank())
                .map(Secret::of)
                .orElse(null);
    }

    private static String read(String provider, Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new ProviderException.Misconfigured(
                    provider, "client_secret_unreadable", "its client secret file cannot be read: " + file);
        }
    }

    private record Key(TenantId tenant, String provider) {}
}
