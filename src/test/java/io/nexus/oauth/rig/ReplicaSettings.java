package io.nexus.oauth.rig;

import io.nexus.oauth.testing.RotatingGrant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** How a replica is set up: its database, its providers and timers that are short enough for a run. */
final class ReplicaSettings {

    /** The grace that the profile of a provider tells, less than it really is: it sets the timers. */
    private static final Map<String, Integer> DECLARED_GRACE =
            Map.of("strict", 0, "graceful", 24, "latest", 24, "killing", 0);

    private ReplicaSettings() {}

    /** Whether the profile tells of a grace long enough for a second attempt. */
    static boolean hasGrace(String provider) {
        return DECLARED_GRACE.getOrDefault(provider, 0) > 0;
    }

    /**
     * The settings of the replica {@code name}.
     *
     * @param home where its provider file goes
     * @param database the port of its way to the database
     * @param provider the port of its way to the providers
     */
    static Map<String, String> of(World world, String name, Path home, int database, int provider) throws IOException {
        Path catalogue = Files.writeString(home.resolve("providers.yaml"), catalogue(name, provider));
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put(
                "quarkus.datasource.reactive.url", "postgresql://127.0.0.1:" + database + "/" + RigPostgres.DATABASE);
        settings.put("quarkus.datasource.username", RigPostgres.USER);
        settings.put("quarkus.datasource.password", world.password());
        settings.put("quarkus.http.host", "127.0.0.1");
        settings.put("quarkus.management.host", "127.0.0.1");
        settings.put("nexus.oauth.mode", "local");
        settings.put("nexus.oauth.public-url", "http://127.0.0.1:1");
        settings.put("nexus.oauth.encryption.key-files", world.keys().file().toString());
        settings.put("nexus.oauth.encryption.reread-every", "2s");
        settings.put(
                "nexus.oauth.access.bootstrap-key-file",
                world.plan().directory().resolve("api-key").toString());
        settings.put("nexus.oauth.providers.allow-insecure-http", "true");
        settings.put("nexus.oauth.providers.files", catalogue.toString());
        settings.put("nexus.oauth.refresh.every", "2s");
        settings.put("nexus.oauth.refresh.floor", "2s");
        settings.put("nexus.oauth.refresh.min-ttl", "10s");
        settings.put("nexus.oauth.refresh.min-interval", "1s"); // a machine connection is created anew at once
        settings.put("nexus.oauth.refresh.confirm-after", "5s");
        settings.put("nexus.oauth.refresh.hold-for", "20s");
        settings.put("nexus.oauth.refresh.hold-pause", "3s");
        RotatingGrant.RULES.keySet().forEach(id -> {
            settings.put("nexus.oauth.clients." + id + ".provider", id);
            settings.put("nexus.oauth.clients." + id + ".client-id", RigClients.ID);
            settings.put("nexus.oauth.clients." + id + ".client-secret", RigClients.secret(world.marker(), 0));
            settings.put("nexus.oauth.clients." + id + ".machine-connections", "true");
        });
        return settings;
    }

    private static String catalogue(String replica, int port) {
        return "providers:\n"
                + RotatingGrant.RULES.keySet().stream()
                        .sorted()
                        .map(id -> profile(id, "http://127.0.0.1:" + port + "/" + replica + "/" + id))
                        .collect(Collectors.joining());
    }

    private static String profile(String id, String url) {
        RotatingGrant.Rule rule = RotatingGrant.RULES.get(id);
        String refresh = rule.rotates()
                ? "{rotation: always, grace_s: " + DECLARED_GRACE.get(id) + ", kills_access_token: "
                        + rule.killsAccessToken() + "}"
                : "{rotation: never}";
        return "  " + id + ":\n    name: " + id + "\n    authorize: {url: \"" + url
                + "/authorize\"}\n    token: {url: \""
                + url + "/token\", auth: post}\n    refresh: " + refresh
                + "\n    ttl: {access: 30}\n    revoke: {style: rfc7009, url: \"" + url
                + "/revoke\", auth: post, ends: token}\n";
    }
}
