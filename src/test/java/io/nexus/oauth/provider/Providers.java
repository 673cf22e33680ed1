package io.nexus.oauth.provider;

import io.nexus.oauth.credential.AccountIdentity;
import io.nexus.oauth.credential.GrantRequest;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.OAuthProvider.AuthorizationRequest;
import io.nexus.oauth.provider.OAuthProvider.CodeExchange;
import io.nexus.oauth.provider.assertion.ClientAssertions;
import io.nexus.oauth.provider.catalogue.CatalogueReader;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.catalogue.RefreshTimerRule;
import io.nexus.oauth.provider.egress.AddressRule;
import io.nexus.oauth.provider.egress.Egress;
import io.nexus.oauth.provider.egress.HttpExchange;
import io.nexus.oauth.provider.egress.UrlRule;
import io.nexus.oauth.provider.metadata.Discovery;
import io.nexus.oauth.provider.metadata.MetadataCache;
import io.nexus.oauth.provider.oidc.NoOidcClients;
import io.nexus.oauth.provider.reply.ReportedAccount;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Providers, clients and credentials for tests. */
public final class Providers {

    public static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    public static final InstantSource CLOCK = () -> NOW;
    public static final UrlRule RULE = new UrlRule(true);
    public static final Vertx VERTX = Vertx.vertx();
    public static final HttpExchange WIRE =
            new HttpExchange(VERTX, new Egress(VERTX, new AddressRule(true, List.of())), null);
    public static final String ENDPOINTS =
            "authorize: {url: \"https://as.example/authorize\"}\n" + "token: {url: \"https://as.example/token\"}\n";

    private Providers() {}

    /** The profile of {@code yaml}, called {@code x}. */
    public static ProviderProfile profile(String yaml) {
        return read(yaml, RULE).getLast();
    }

    public static List<ProviderProfile> read(String yaml, UrlRule rule) {
        return parse("providers:\n  x:\n" + yaml.indent(4), rule);
    }

    public static List<ProviderProfile> parse(String text, UrlRule rule) {
        CatalogueReader reader = new CatalogueReader(rule);
        try {
            reader.add("my.yaml", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return reader.profiles();
    }

    /** The profile of {@code yaml} laid over {@code base}. */
    public static ProviderProfile over(String base, String yaml) {
        return parse("providers:\n  y:\n" + base.indent(4) + "  x:\n    extends: y\n" + yaml.indent(4), RULE)
                .getLast();
    }

    /** A provider of the two endpoints of {@code server} and whatever {@code yaml} says beyond. */
    public static OAuthProvider at(ScriptedServer server, String yaml) {
        return provider(
                profile("authorize: {url: \"%1$s/authorize\"}\ntoken: {url: \"%1$s/token\", auth: post}\n%2$s"
                        .formatted(server.url(), yaml)),
                Duration.ofSeconds(10));
    }

    public static OAuthProvider provider(ProviderProfile profile, Duration total) {
        return provider(profile, total, new Discovery(WIRE, new MetadataCache(CLOCK), RULE));
    }

    public static OAuthProvider provider(ProviderProfile profile, Duration total, Discovery discovery) {
        Endpoints endpoints = new Endpoints(profile, discovery, RULE, new ClientAssertions(VERTX, CLOCK), CLOCK);
        return new DeclarativeProvider(
                profile,
                RefreshTimerRule.timers(profile.refresh()),
                endpoints,
                new AuthorizationEndpoint(profile, endpoints, WIRE, CLOCK),
                new TokenEndpoint(profile, endpoints, WIRE, CLOCK, total),
                new RevocationEndpoint(profile, endpoints, WIRE),
                new IdentityEndpoint(profile, endpoints, WIRE),
                NoOidcClients.tokens());
    }

    public static OAuthProvider shipped(String id) {
        ProviderProfile profile = CatalogueReader.read(List.of(), RULE).stream()
                .filter(each -> each.id().equals(id))
                .findFirst()
                .orElseThrow();
        return provider(profile, Duration.ofSeconds(10));
    }

    public static ClientRegistration client() {
        return client(Map.of());
    }

    public static ClientRegistration client(Map<String, String> vars) {
        return new ClientRegistration("x", "my client", Secret.of("s:e&cret"), Scopes.NONE, null, vars);
    }

    public static ClientRegistration publicClient() {
        return new ClientRegistration("x", "my client", null, Scopes.NONE, null, Map.of());
    }

    public static OAuthCredential credential() {
        return OAuthCredential.bearer(Secret.of("at-1"), Secret.of("rt-1"), NOW);
    }

    public static OAuthCredential credential(Map<String, String> metadata) {
        OAuthCredential base = credential();
        return new OAuthCredential(
                base.accessToken(),
                base.refreshToken(),
                "Bearer",
                NOW,
                false,
                Scopes.NONE,
                null,
                Map.of(),
                null,
                metadata,
                null,
                null);
    }

    public static OAuthCredential credential(Scopes scopes) {
        OAuthCredential base = credential();
        return new OAuthCredential(
                base.accessToken(),
                base.refreshToken(),
                "Bearer",
                NOW,
                false,
                scopes,
                null,
                Map.of(),
                null,
                Map.of(),
                null,
                null);
    }

    public static CodeExchange code() {
        return new CodeExchange(
                Secret.of("code-1"), "https://us.example/cb", GrantRequest.NONE, Secret.of("verifier-1"));
    }

    /** The account's identity as the provider reports it. */
    public static Optional<AccountIdentity> identity(
            OAuthProvider provider, ClientRegistration client, OAuthCredential credential) {
        return await(provider.account(client, credential)).map(ReportedAccount::identity);
    }

    public static AuthorizationRequest request(String... scopes) {
        return new AuthorizationRequest(
                "https://us.example/cb?a=b",
                Scopes.of(List.of(scopes)),
                null,
                GrantRequest.NONE,
                Secret.of("state-1"),
                // RFC 7636 appendix B
                Secret.of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
    }

    public static <T> T await(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(20));
    }
}
