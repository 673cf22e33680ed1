package io.nexus.oauth.testing;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Runs a {@link StrictProvider} beside the service and describes it to it as several providers, each with an OAuth client:
 * {@code strict} (rotation, no grace), {@code graceful} (rotation, 60 s of grace), {@code steady} (no rotation, secret in a
 * file), {@code killing} (a refresh ends the access tokens before), {@code silent} (no revocation), {@code spaced} (a refresh
 * each ten minutes); without a client {@code orphan}, {@code unreachable}, where nobody listens, {@code unset}, whose client lacks a variable, and {@code hosted}, which is where the variable {@code base} of its client says;
 * {@code unscoped} is {@code strict}, but a machine names no scopes;
 * {@code signed} takes assertions that are a grant, and {@code installed} takes them as bearer tokens;
 * {@code exchanging} exchanges tokens of users, {@code brief} too, for five seconds, {@code behalf} and {@code delegated} as Microsoft does, and {@code asserted} by
 * identity assertions of {@code exchanging}. The clients of the first and the last are for all tenants; that of {@code behalf} does not allow it.
 * Clients of the Quarkus OIDC client are there as well, one for each test that needs one.
 * No scheduled job runs by itself, see {@link RunningSchedule}.
 */
public class StrictProviderResource implements QuarkusTestResourceLifecycleManager {

    private static final Map<String, String> PROVIDERS = Map.of(
            "strict", "rotation: always, grace_s: 0, reuse_kills_grant: true",
            "graceful", "rotation: always, grace_s: 60",
            "steady", "rotation: never",
            "killing", "rotation: always, grace_s: 0, kills_access_token: true",
            "silent", "rotation: never",
            "spaced", "rotation: never, min_interval_s: 600",
            "orphan", "rotation: never");

    private static final List<String> OIDC_CLIENTS = List.of(
            "payroll", "nights", "crowd", "patient", "stranger", "limited", "odd", "leaver", "shared", "configured");

    private static final String ENTRY = """
              %2$s:
                name: The %2$s one
                authorize: {url: "%1$s/%2$s/authorize"}
                token: {url: "%1$s/%2$s/token", auth: post}
                refresh: {%3$s}
                ttl: {access: 3600}
                revoke: {%4$s}
                identity: {url: "%1$s/%2$s/userinfo", id: /sub}
            """;

    private static final String SIGNED = """
              signed:
                name: The signed one
                authorize: {url: "%1$s/signed/authorize"}
                token: {url: "%1$s/signed/token", auth: post}
                refresh: {rotation: never}
                jwt_bearer: {algorithms: [RS256, ES256], subject: {pattern: "[a-z0-9@.-]+", required: true}}
                ttl: {access: 3600}
                revoke: {style: none}
              installed:
                name: The installed one
                extends: signed
                response: {access_token: /token, expires_at: {at: /expires_at, format: iso8601}}
                jwt_bearer:
                  url: "%1$s/installed/installations/${subject}/access_tokens"
                  style: bearer
                  body: json
                  key_id: required
                  subject: {pattern: "[0-9]{1,20}"}
                  claims: {iss: "${client_id}"}
            """;

    private static final String EXCHANGING = """
              exchanging:
                name: The exchanging one
                authorize: {url: "%1$s/exchanging/authorize"}
                token: {url: "%1$s/exchanging/token", auth: post}
                token_exchange: {}
                refresh: {rotation: never}
                ttl: {access: 3600}
                revoke: {style: none}
              brief: {extends: exchanging, name: The brief one, token_exchange: {max_lifetime: 5s}}
              behalf: {extends: exchanging, name: The Microsoft one, token_exchange: {style: on_behalf_of, url: "%1$s/behalf/token"}}
              delegated: {extends: oidc, name: The delegated one, token_exchange: {style: on_behalf_of}}
              asserted:
                extends: exchanging
                name: The asserted one
                token_exchange:
                  url: "%1$s/asserted/token"
                  style: id_jag
                  identity_provider: exchanging
                  audience: "%1$s/asserted"
            """;

    private static final String UNSET = """
              unset:
                name: The unset one
                vars: {host: {pattern: "[a-z0-9.-]+"}}
                authorize: {url: "https://${host}/authorize"}
                token: {url: "https://${host}/token", auth: post}
                refresh: {rotation: never}
                revoke: {style: rfc7009, url: "https://${host}/revoke", auth: post}
            """;

    private static final String UNREACHABLE = """
              unreachable:
                name: The unreachable one
                authorize: {url: "http://127.0.0.1:1/authorize"}
                token: {url: "http://127.0.0.1:1/token", auth: post}
                refresh: {rotation: never}
                revoke: {style: none}
            """;

    private static final String HOSTED = """
              hosted:
                name: The hosted one
                vars: {base: {pattern: "https?://[0-9.]+:[0-9]{1,5}"}}
                authorize: {url: "${base}/hosted/authorize"}
                token: {url: "${base}/hosted/token", auth: post}
                refresh: {rotation: always, grace_s: 0, reuse_kills_grant: true}
                ttl: {access: 3600}
                revoke: {style: rfc7009, url: "${base}/hosted/revoke", auth: post, ends: grant}
                identity: {url: "${base}/hosted/userinfo", id: /sub}
            """;

    private static final String UNSCOPED = """
              unscoped: {extends: strict, name: The unscoped one, client_credentials: {send_scope: false}}
            """;

    /** Keycloak, for clients that have to push their authorization requests. */
    private static final String PUSHED = """
              pushed: {extends: keycloak, name: The pushed one, authorize: {pushed: true}}
            """;

    private final StrictProvider provider = new StrictProvider();

    @Override
    public Map<String, String> start() {
        Map<String, String> settings = new HashMap<>();
        settings.put("nexus.oauth.providers.files", catalogue().toString());
        settings.put("quarkus.scheduler.start-mode", "halted");
        for (String id : List.of("strict", "graceful", "killing", "silent", "spaced", "unset", "unscoped")) {
            settings.put("nexus.oauth.clients." + id + ".provider", id);
            settings.put("nexus.oauth.clients." + id + ".client-id", StrictProvider.CLIENT);
            settings.put("nexus.oauth.clients." + id + ".machine-connections", "true");
            settings.put("nexus.oauth.clients." + id + ".client-secret", StrictProvider.SECRET);
        }
        settings.put("nexus.oauth.clients.signed.provider", "signed");
        settings.put("nexus.oauth.clients.signed.client-id", StrictProvider.CLIENT);
        settings.put("nexus.oauth.clients.signed.machine-connections", "true");
        settings.put("nexus.oauth.clients.signed.client-secret", StrictProvider.SECRET);
        for (String id : List.of("exchanging", "brief", "behalf", "asserted")) {
            settings.put("nexus.oauth.clients." + id + ".provider", id);
            settings.put("nexus.oauth.clients." + id + ".client-id", StrictProvider.CLIENT);
            settings.put("nexus.oauth.clients." + id + ".client-secret", StrictProvider.SECRET);
            settings.put("nexus.oauth.clients." + id + ".token-exchange", String.valueOf(!id.equals("behalf")));
        }
        settings.put("nexus.oauth.clients.steady.provider", "steady");
        settings.put("nexus.oauth.clients.steady.client-id", StrictProvider.CLIENT);
        settings.put(
                "nexus.oauth.clients.steady.client-secret-file", secretFile().toString());
        // never needed while the first one is right
        settings.put(
                "nexus.oauth.clients.steady.second-client-secret-file",
                secretFile().toString());
        settings.put("nexus.oauth.clients.graceful.second-client-secret", "not the right one");
        settings.put("nexus.oauth.clients.acme.provider", "steady");
        settings.put("nexus.oauth.clients.acme.tenant", "acme");
        settings.put("nexus.oauth.clients.acme.client-id", "acme-client");
        settings.put("nexus.oauth.clients.acme.scopes", "read,write");
        OIDC_CLIENTS.forEach(id -> settings.putAll(oidcClient(id)));
        settings.put("quarkus.oidc-client.off.client-enabled", "false");
        settings.put("quarkus.oidc-client.stranger.credentials.client-secret.value", "not the right one");
        return settings;
    }

    /** A client of the Quarkus OIDC client at {@code strict}. Its audience is its id, by which the provider tells machines apart. */
    private Map<String, String> oidcClient(String id) {
        Map<String, String> settings = new HashMap<>();
        settings.put("discovery-enabled", "false");
        settings.put("token-path", provider.url() + "/strict/token");
        settings.put("revoke-path", provider.url() + "/strict/revoke");
        settings.put("client-id", StrictProvider.CLIENT);
        settings.put("credentials.client-secret.value", StrictProvider.SECRET);
        settings.put("credentials.client-secret.method", "post");
        settings.put("scopes", "read,write");
        settings.put("audience", id);
        return settings.entrySet().stream()
                .collect(Collectors.toMap(
                        each -> "quarkus.oidc-client." + id + "." + each.getKey(), Map.Entry::getValue));
    }

    /** The file with the client secret of {@code steady}. */
    public static Path secretFile() {
        return TestFiles.path("strict-provider", "client-secret");
    }

    /** Writes the client secret of {@code steady}. */
    public static void writeSecret() {
        write(secretFile(), StrictProvider.SECRET + "\n");
    }

    private Path catalogue() {
        writeSecret();
        StringBuilder yaml = new StringBuilder("providers:\n")
                .append(UNSET)
                .append(UNREACHABLE)
                .append(HOSTED)
                .append(PUSHED)
                .append(UNSCOPED)
                .append(EXCHANGING.formatted(provider.url()))
                .append(SIGNED.formatted(provider.url()));
        PROVIDERS.forEach((id, refresh) -> yaml.append(ENTRY.formatted(
                provider.url(),
                id,
                refresh,
                id.equals("silent")
                        ? "style: none"
                        : "style: rfc7009, url: \"%s/%s/revoke\", auth: post, ends: grant"
                                .formatted(provider.url(), id))));
        Path file = secretFile().resolveSibling("catalogue.yaml");
        write(file, yaml.toString());
        return file;
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(provider, new TestInjector.MatchesType(StrictProvider.class));
    }

    @Override
    public void stop() {
        try {
            provider.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
