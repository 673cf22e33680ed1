package io.nexus.oauth.token.client;

import io.nexus.oauth.credential.OidcClientId;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.ClientRegistration.Authentication;
import io.nexus.oauth.provider.assertion.AssertionFiles;
import io.nexus.oauth.provider.assertion.AssertionFiles.Unusable;
import io.nexus.oauth.provider.assertion.BroughtKey;
import io.nexus.oauth.provider.assertion.ClientKey;
import io.nexus.oauth.provider.assertion.ClientKey.Algorithm;
import io.nexus.oauth.provider.entry.ProfileTerm.AssertionAudience;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import io.nexus.oauth.provider.oidc.OidcClientTokens;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.token.client.ClientKeyFiles.KeyFile;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The OAuth clients of the configuration. Files are read at each use, so a changed file takes effect at once. Does not block: files are
 * read on a worker thread.
 */
@ApplicationScoped
class ConfiguredClients {

    /** The configured clients by provider, then by tenant; those for all tenants have an empty one. */
    private final Map<String, Map<Optional<String>, ClientsConfig.Client>> all = new HashMap<>();

    private final OidcClientTokens oidc;
    private final InstantSource clock;
    private final Vertx vertx;
    private final ClientKeyFiles keyFiles = new ClientKeyFiles();

    ConfiguredClients(ClientsConfig config, OidcClientTokens oidc, InstantSource clock, Vertx vertx) {
        this.oidc = oidc;
        for (ClientsConfig.Client client : config.all().values()) {
            all.computeIfAbsent(client.provider(), provider -> new LinkedHashMap<>())
                    .putIfAbsent(client.tenant(), client);
        }
        this.clock = clock;
        this.vertx = vertx;
    }

    /** The client for {@code tenant}, else the one for all tenants. Fails with Misconfigured when a file of it cannot be used. */
    Uni<Optional<ClientRegistration>> find(TenantId tenant, String provider) {
        Optional<ClientsConfig.Client> found = forTenant(tenant, provider);
        boolean hasFile = found.filter(client -> client.clientSecretFile().isPresent()
                        || client.secondClientSecretFile().isPresent()
                        || client.privateKeyFile().isPresent()
                        || client.clientAssertionFile().isPresent())
                .isPresent();
        return hasFile
                ? vertx.executeBlocking(() -> found.map(this::registration), false)
                : Uni.createFrom().item(() -> found.map(this::registration));
    }

    /** The client of the Quarkus OIDC client that {@code clientId} names. Fails with Misconfigured when it cannot get tokens. */
    Uni<ClientRegistration> oidcClient(String provider, String clientId) {
        return Uni.createFrom().item(() -> {
            String id = OidcClientId.client(clientId);
            oidc.fault(id).ifPresent(fault -> {
                throw new ProviderException.Misconfigured(provider, "client_not_registered", clientId + " " + fault);
            });
            return ClientRegistration.ofOidcClient(provider, id);
        });
    }

    boolean isConfigured(TenantId tenant, String provider) {
        return forTenant(tenant, provider).isPresent();
    }

    /** Whether {@code tenant} has a client of its own, not only the one for all tenants. */
    boolean isOwn(TenantId tenant, String provider) {
        return of(provider, Optional.of(tenant.value())).isPresent();
    }

    /** Whether every tenant may create machine connections with the client for all tenants. */
    boolean allowsMachines(String provider) {
        return of(provider, Optional.empty())
                .filter(ClientsConfig.Client::machineConnections)
                .isPresent();
    }

    /** The epoch, if {@code tenant} may exchange tokens of users: with a client of its own, or with one for all tenants that allows it. */
    Optional<Instant> exchangeClient(TenantId tenant, String provider) {
        boolean shared = of(provider, Optional.empty())
                .filter(ClientsConfig.Client::tokenExchange)
                .isPresent();
        return isOwn(tenant, provider) || shared ? Optional.of(Instant.EPOCH) : Optional.empty();
    }

    /** The tenants that have a client of their own. */
    List<String> owners(String provider) {
        return all.getOrDefault(provider, Map.of()).keySet().stream()
                .flatMap(Optional::stream)
                .toList();
    }

    private Optional<ClientsConfig.Client> forTenant(TenantId tenant, String provider) {
        return of(provider, Optional.of(tenant.value())).or(() -> of(provider, Optional.empty()));
    }

    private Optional<ClientsConfig.Client> of(String provider, Optional<String> tenant) {
        return Optional.ofNullable(all.getOrDefault(provider, Map.of()).get(tenant));
    }

    /** Blocks when it reads a file. */
    private ClientRegistration registration(ClientsConfig.Client client) {
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
                authentication(client),
                null);
    }

    private Authentication authentication(ClientsConfig.Client client) {
        String provider = client.provider();
        try {
            Algorithm algorithm =
                    client.tokenEndpointAuthSigningAlg().map(Algorithm::of).orElse(null);
            boolean isAssertion = client.clientAssertionFile().isPresent()
                    || (client.privateKeyFile().isPresent() && !hasSecret(client));
            return new Authentication(
                    client.tokenEndpointAuthMethod()
                            .map(ClientAuth::of)
                            .orElse(isAssertion ? ClientAuth.PRIVATE_KEY_JWT : null),
                    algorithm,
                    client.assertionAudience().map(AssertionAudience::of).orElse(null),
                    client.privateKeyFile()
                            .map(file -> key(
                                    client,
                                    new KeyFile(file, client.certificateFile(), client.privateKeyId()),
                                    algorithm))
                            .orElse(null),
                    client.secondPrivateKeyFile()
                            .map(file -> key(
                                    client,
                                    new KeyFile(file, client.secondCertificateFile(), client.secondPrivateKeyId()),
                                    algorithm))
                            .orElse(null),
                    client.clientAssertionFile()
                            .map(file -> assertion(provider, file))
                            .orElse(null));
        } catch (IllegalArgumentException e) {
            throw new ProviderException.Misconfigured(
                    provider,
                    "client_authentication_invalid",
                    "the authentication of its client in the configuration is wrong: see the log of the start");
        }
    }

    private static boolean hasSecret(ClientsConfig.Client client) {
        return client.clientSecret().isPresent() || client.clientSecretFile().isPresent();
    }

    private ClientKey key(ClientsConfig.Client client, KeyFile file, @Nullable Algorithm algorithm) {
        String provider = client.provider();
        try {
            BroughtKey brought = keyFiles.read(file, algorithm, clock.instant());
            if (brought.clientId() != null && !brought.clientId().equals(client.clientId())) {
                throw new ProviderException.Misconfigured(
                        provider,
                        "client_key_invalid",
                        "its private key file " + file.key() + " is that of another client");
            }
            return brought.key();
        } catch (Unusable e) {
            String code = switch (e.fault()) {
                case UNREADABLE -> "client_key_unreadable";
                case INVALID, EXPIRED -> "client_key_invalid";
            };
            throw new ProviderException.Misconfigured(provider, code, "its private key file " + e.getMessage());
        }
    }

    /** The platform renews the file before the token in it ends. */
    private Secret assertion(String provider, Path file) {
        try {
            return AssertionFiles.assertion(file, clock.instant());
        } catch (Unusable e) {
            String code = switch (e.fault()) {
                case UNREADABLE -> "client_assertion_unreadable";
                case INVALID -> "client_assertion_invalid";
                case EXPIRED -> "client_assertion_expired";
            };
            throw new ProviderException.Misconfigured(provider, code, "its client assertion file " + e.getMessage());
        }
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
}
