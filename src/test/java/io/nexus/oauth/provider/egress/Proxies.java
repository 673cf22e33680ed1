package io.nexus.oauth.provider.egress;

import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import java.util.HashMap;
import java.util.Map;

/** Forward proxies of tests. */
public final class Proxies {

    private Proxies() {}

    /** A proxy with these keys, without their prefix. */
    public static ForwardProxy with(Vertx vertx, Map<String, String> keys) {
        return new ForwardProxy(
                vertx, ProxySettings.read(config(keys), Map.of()).orElse(null));
    }

    /** The proxy on {@code port} of this machine. */
    public static ForwardProxy at(Vertx vertx, int port) {
        return with(vertx, Map.of("url", "http://127.0.0.1:" + port));
    }

    static ProxyConfig config(Map<String, String> keys) {
        Map<String, String> all = new HashMap<>();
        keys.forEach((key, value) -> all.put("nexus.oauth.providers.proxy." + key, value));
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(ProxyConfig.class)
                .withDefaultValues(all)
                .build()
                .getConfigMapping(ProxyConfig.class);
    }
}
