package io.nexus.oauth.provider;

import io.nexus.oauth.provider.assertion.ClientAssertions;
import io.nexus.oauth.provider.catalogue.CatalogueReader;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.catalogue.ProvidersConfig;
import io.nexus.oauth.provider.catalogue.RefreshTimerRule;
import io.nexus.oauth.provider.catalogue.RefreshTimers;
import io.nexus.oauth.provider.egress.AddressRule;
import io.nexus.oauth.provider.egress.Egress;
import io.nexus.oauth.provider.egress.ForwardProxy;
import io.nexus.oauth.provider.egress.HttpExchange;
import io.nexus.oauth.provider.egress.RequestListener;
import io.nexus.oauth.provider.egress.TrustAnchors;
import io.nexus.oauth.provider.egress.UrlRule;
import io.nexus.oauth.provider.metadata.Discovery;
import io.nexus.oauth.provider.metadata.MetadataCache;
import io.nexus.oauth.provider.oidc.OidcClientTokens;
import io.nexus.oauth.provider.reply.ProviderException;
import io.vertx.core.Vertx;
import io.vertx.core.net.TrustOptions;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import java.time.InstantSource;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * All known providers: the built-in catalogue and the operator's files. Read once at start-up. If any file has a fault,
 * start-up fails with one {@link IllegalStateException} that lists all faults. Safe for concurrent use; never blocks
 * after construction.
 */
@ApplicationScoped
public class ProviderCatalogue {

    private final Map<String, OAuthProvider> providers;
    private final OidcClientTokens oidc;

    /** The way to providers with one list of private hosts. */
    private record Transport(HttpExchange exchange, Discovery discovery) {}

    /** Reads and checks all files. Entries marked {@code local_only} exist only in the mode {@code local}. */
    @Inject
    public ProviderCatalogue(
            ProvidersConfig config,
            @ConfigProperty(name = "nexus.oauth.mode", defaultValue = "production") String mode,
            Vertx vertx,
            InstantSource clock,
            RequestListener listener,
            ForwardProxy proxy,
            OidcClientTokens oidc) {
        UrlRule rule = new UrlRule(config.allowInsecureHttp());
        List<String> privateHosts = config.privateHosts().orElse(List.of());
        Egress egress = new Egress(vertx, new AddressRule(config.allowInsecureHttp(), privateHosts), proxy);
        TrustOptions trust = config.caFile().map(TrustAnchors::with).orElse(null);
        MetadataCache metadata = new MetadataCache(clock);
        ClientAssertions assertions = new ClientAssertions(vertx, clock);
        Map<List<String>, Transport> transports = new HashMap<>();
        Map<String, OAuthProvider> found = new LinkedHashMap<>();
        for (ProviderProfile profile : CatalogueReader.read(config.files().orElse(List.of()), rule)) {
            if (!profile.localOnly() || mode.equals("local")) {
                List<String> hosts = Objects.requireNonNullElse(profile.privateHosts(), privateHosts);
                Transport transport = transports.computeIfAbsent(hosts, each -> {
                    AddressRule addresses = new AddressRule(config.allowInsecureHttp(), each);
                    HttpExchange exchange = new HttpExchange(vertx, egress.under(addresses), trust, listener, clock);
                    return new Transport(exchange, new Discovery(exchange, metadata, rule));
                });
                Endpoints endpoints = new Endpoints(profile, transport.discovery(), rule, assertions, clock);
                found.put(profile.id(), provider(profile, endpoints, transport.exchange(), clock, oidc));
            }
        }
        this.oidc = oidc;
        this.providers = Collections.unmodifiableMap(found);
    }

    private static OAuthProvider provider(
            ProviderProfile profile,
            Endpoints endpoints,
            HttpExchange exchange,
            InstantSource clock,
            OidcClientTokens oidc) {
        RefreshTimers timers = RefreshTimerRule.timers(profile.refresh());
        return new DeclarativeProvider(
                profile,
                timers,
                endpoints,
                new AuthorizationEndpoint(profile, endpoints, exchange, clock),
                new TokenEndpoint(profile, endpoints, exchange, clock, timers.httpTotal()),
                new RevocationEndpoint(profile, endpoints, exchange),
                new IdentityEndpoint(profile, endpoints, exchange),
                oidc);
    }

    /** Forces the catalogue to be read at start-up, so that a fault is found then and not at the first request. */
    void atStart(@Observes Startup event) {}

    /** The provider called {@code id}, if there is one. */
    public Optional<OAuthProvider> find(String id) {
        return Optional.ofNullable(providers.get(id));
    }

    /** The provider called {@code id}; throws {@link ProviderException.UnknownProvider}. */
    public OAuthProvider get(String id) {
        return find(id).orElseThrow(() -> new ProviderException.UnknownProvider(id));
    }

    /** Why the operator's OIDC client {@code id} cannot get tokens for a provider; empty when it can. */
    public Optional<String> oidcClientFault(String id) {
        return oidc.fault(id);
    }

    /** All providers, in the order of the files. */
    public List<OAuthProvider> all() {
        return List.copyOf(providers.values());
    }
}
