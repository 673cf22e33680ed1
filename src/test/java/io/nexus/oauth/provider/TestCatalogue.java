package io.nexus.oauth.provider;

import io.nexus.oauth.provider.catalogue.ProvidersConfig;
import io.nexus.oauth.provider.egress.ForwardProxy;
import io.nexus.oauth.provider.oidc.NoOidcClients;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;

/** Reads a catalogue of a test's own, as local mode does. */
public final class TestCatalogue {

    private TestCatalogue() {}

    /** The built-in providers and those of {@code file}. */
    public static ProviderCatalogue of(Path file, Vertx vertx) {
        ProvidersConfig config = new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(ProvidersConfig.class)
                .withSources(new PropertiesConfigSource(
                        Map.of(
                                "nexus.oauth.providers.files",
                                file.toString(),
                                "nexus.oauth.providers.allow-insecure-http",
                                "true"),
                        "test",
                        100))
                .build()
                .getConfigMapping(ProvidersConfig.class);
        return new ProviderCatalogue(
                config,
                "local",
                vertx,
                InstantSource.system(),
                (provider, endpoint, outcome, took) -> {},
                ForwardProxy.NONE,
                NoOidcClients.tokens());
    }
}
