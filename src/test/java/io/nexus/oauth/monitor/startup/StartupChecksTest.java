package io.nexus.oauth.monitor.startup;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.crypto.Keyring;
import io.nexus.oauth.crypto.OAuthCrypto;
import io.nexus.oauth.monitor.startup.Finding.Weight;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.Providers;
import io.nexus.oauth.provider.TestCatalogue;
import io.nexus.oauth.provider.assertion.ClientKeyTest;
import io.nexus.oauth.provider.catalogue.CatalogueReader;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.egress.UrlRule;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.runtime.configuration.DurationConverter;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.runtime.configuration.MemorySizeConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.smallrye.config.common.MapBackedConfigSource;
import jakarta.enterprise.event.Startup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each test breaks one setting of a safe production configuration. */
class StartupChecksTest {

    private static final Keyring OWN = Keyring.of(List.of(Secret.of(OAuthCrypto.generateKey())));
    private static final String REACTIVE = "quarkus.datasource.reactive.url";
    private static final String ACCEPT = "nexus.oauth.startup.accept";

    @TempDir
    Path files;

    private final Map<String, String> settings = new HashMap<>(Map.of(
            "nexus.oauth.public-url",
            "https://oauth.example.com",
            "nexus.oauth.connect.return-urls",
            "https://app.example/done,https://app.example:8443/x?a=b",
            "nexus.oauth.providers.private-hosts",
            "idp.corp,.svc.cluster.local,.internal",
            REACTIVE,
            "postgresql://db.example:5432/nexus?sslmode=verify-full",
            "quarkus.datasource.jdbc.url",
            "jdbc:postgresql://db.example:5432/nexus?sslmode=verify-full",
            "quarkus.management.host",
            "10.1.2.3",
            "quarkus.http.limits.max-body-size",
            "64K",
            "quarkus.http.limits.max-header-size",
            "16K",
            "quarkus.http.limits.max-connections",
            "8192"));

    @Test
    void startsWithSafeSettings() {
        assertThat(findings()).isEmpty();
        assertThatCode(() -> checks(() -> OWN, List.of()).check(new Startup())).doesNotThrowAnyException();
    }

    @Test
    void clientsOfTheConfigurationNeedAProviderAndItsVariables() {
        set("nexus.oauth.clients.one.provider", "gogle");
        set("nexus.oauth.clients.two.provider", "oidc");
        set("nexus.oauth.clients.\"th.ree\".provider", "github");
        set("nexus.oauth.clients.\"th.ree\".vars.host", "evil.example");
        set("nexus.oauth.clients.four.provider", "github");
        set("nexus.oauth.clients.five.provider", "google");
        set("nexus.oauth.clients.five.omitted-scopes", "offline_access");
        set("nexus.oauth.clients.six.provider", "microsoft");
        set("nexus.oauth.clients.six.omitted-scopes[0]", "offline_access");

        Map<String, ProviderProfile> profiles = CatalogueReader.read(List.of(), new UrlRule(false)).stream()
                .collect(Collectors.toMap(ProviderProfile::id, profile -> profile));

        assertThat(ClientChecks.findings(
                        new Settings(config(Map.of())), id -> Optional.ofNullable(profiles.get(id)), Instant.EPOCH))
                .extracting(Finding::key)
                .containsExactlyInAnyOrder(
                        "nexus.oauth.clients.one.provider",
                        "nexus.oauth.clients.two.vars.issuer_url",
                        "nexus.oauth.clients.\"th.ree\".vars.host",
                        "nexus.oauth.clients.five.omitted-scopes");
    }

    /** One finding for each fault, and none for what is right. */
    @Test
    void clientsOfTheConfigurationCanAuthenticate(@TempDir Path files) throws IOException {
        Map<String, ProviderProfile> profiles = CatalogueReader.read(List.of(), new UrlRule(false)).stream()
                .collect(Collectors.toMap(ProviderProfile::id, profile -> profile));
        Path good = Files.writeString(files.resolve("good.pem"), ClientKeyTest.pem("rsa"));
        Path weak = Files.writeString(files.resolve("weak.pem"), ClientKeyTest.pem("rsa1024"));
        Path ended = Files.writeString(
                files.resolve("ended.pem"), ClientKeyTest.pem("rsa") + ClientKeyTest.pem("certificate"));
        Path chain = Files.writeString(files.resolve("tls.crt"), ClientKeyTest.pem("certificate"));
        Path other = Files.writeString(files.resolve("other.key"), ClientKeyTest.pem("p256"));
        Path token = Files.writeString(files.resolve("token"), jwt(4_102_444_800L));
        String at = "nexus.oauth.clients.";
        Map<String, Map<String, String>> clients = Map.of(
                "a", Map.of("private-key-file", good.toString(), "token-endpoint-auth-signing-alg", "PS256"),
                "b", Map.of("client-assertion-file", token.toString()),
                "c", Map.of("token-endpoint-auth-method", "tls_client_auth"),
                "d", Map.of("private-key-file", weak.toString()),
                "e", Map.of("private-key-file", good.toString(), "second-private-key-file", ended.toString()),
                "f", Map.of("client-assertion-file", files.resolve("missing").toString()),
                "g", Map.of("token-endpoint-auth-method", "private_key_jwt"),
                "h", Map.of("token-endpoint-auth-method", "client_secret_jwt", "client-secret", "too short"),
                "i", Map.of("assertion-audience", "me", "token-endpoint-auth-signing-alg", "none"));
        clients.forEach((name, entries) -> {
            set(at + name + ".provider", "google");
            entries.forEach((key, value) -> set(at + name + "." + key, value));
        });

        Path account = Files.writeString(
                files.resolve("account.json"),
                "{\"client_email\":\"robot@a.example\",\"private_key\":\""
                        + ClientKeyTest.pem("rsa").replace("\n", "\\n") + "\"}");
        Map<String, Map<String, String>> grants = Map.of(
                "j", Map.of("client-id", "robot@a.example", "private-key-file", account.toString()),
                "k", Map.of("client-id", "another", "private-key-file", account.toString()),
                "l", Map.of("client-id", "app", "client-secret", "s", "private-key-file", weak.toString()));
        Map<String, Map<String, String>> certified = Map.of(
                "m", Map.of("private-key-file", good.toString(), "certificate-file", chain.toString()),
                "n", Map.of("private-key-file", other.toString(), "certificate-file", chain.toString()),
                "o", Map.of("private-key-file", good.toString()),
                "p", Map.of("private-key-file", good.toString(), "certificate-file", good.toString()));
        certified.forEach((name, entries) -> {
            set(at + name + ".provider", "google");
            set(at + name + ".token-endpoint-auth-method", "tls_client_auth");
            entries.forEach((key, value) -> set(at + name + "." + key, value));
        });
        grants.forEach((name, entries) -> {
            set(at + name + ".provider", "oidc");
            set(at + name + ".vars.issuer_url", "https://as.example");
            entries.forEach((key, value) -> set(at + name + "." + key, value));
        });

        assertThat(authentication(profiles, Instant.parse("2027-01-01T00:00:00Z")))
                .containsExactlyInAnyOrder(
                        at + "c.token-endpoint-auth-method",
                        at + "d.private-key-file",
                        at + "f.client-assertion-file",
                        at + "g.token-endpoint-auth-method",
                        at + "h.client-secret",
                        at + "i.assertion-audience",
                        at + "i.token-endpoint-auth-signing-alg",
                        at + "k.private-key-file",
                        at + "l.private-key-file",
                        at + "n.private-key-file",
                        at + "o.private-key-file",
                        at + "p.private-key-file");
        assertThat(authentication(profiles, Instant.parse("2126-10-20T00:00:00Z")))
                .contains(at + "m.private-key-file", at + "e.second-private-key-file");
        assertThat(authentication(profiles, Instant.parse("2200-01-01T00:00:00Z")))
                .contains(at + "b.client-assertion-file", at + "e.second-private-key-file");
    }

    private List<String> authentication(Map<String, ProviderProfile> profiles, Instant now) {
        return ClientChecks.findings(new Settings(config(Map.of())), id -> Optional.ofNullable(profiles.get(id)), now)
                .stream()
                .map(Finding::key)
                .toList();
    }

    private static String jwt(long end) {
        return "e30." + Base64.getUrlEncoder().encodeToString(("{\"exp\":" + end + "}").getBytes(UTF_8)) + ".c2ln";
    }

    @Test
    void machineConnectionsOfTheConfigurationNeedAProviderAndFitValues() {
        String one = "nexus.oauth.connections.one.";
        set(one + "provider", "gogle");
        set(one + "user", "a\tb");
        set(one + "tenant", "two words");
        set(one + "grant-type", "password");
        set(one + "scopes", "e\"mail");
        set(one + "audience", "a\tb");
        set(one + "resource", "urn:a,api");
        set("nexus.oauth.connections.\"t.wo\".provider", "google");
        set("nexus.oauth.connections.\"t.wo\".user", "billing");
        set("nexus.oauth.connections.\"t.wo\".resource[0]", "https://api.example");

        Map<String, ProviderProfile> profiles = CatalogueReader.read(List.of(), new UrlRule(false)).stream()
                .collect(Collectors.toMap(ProviderProfile::id, profile -> profile));
        set("nexus.oauth.connections.three.provider", "google");
        set("nexus.oauth.connections.three.user", "robot");
        set("nexus.oauth.connections.three.grant-type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
        set("nexus.oauth.connections.four.provider", "oidc");
        set("nexus.oauth.connections.four.user", "robot");
        set("nexus.oauth.connections.four.subject", "someone");
        set("nexus.oauth.connections.five.provider", "oidc");
        set("nexus.oauth.connections.five.user", "robot");
        set("nexus.oauth.connections.five.subject", "someone");
        set("nexus.oauth.connections.five.grant-type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
        set("nexus.oauth.connections.six.provider", "github-installation");
        set("nexus.oauth.connections.six.user", "robot");
        set("nexus.oauth.connections.six.subject", "4711");
        set("nexus.oauth.connections.six.grant-type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
        set("nexus.oauth.connections.six.scopes", "read");
        set("nexus.oauth.connections.six.audience", "api");
        set("nexus.oauth.connections.six.resource", "urn:a");
        set("nexus.oauth.connections.seven.provider", "oidc");
        set("nexus.oauth.connections.seven.user", "robot");
        set("nexus.oauth.connections.seven.grant-type", "password");
        set("nexus.oauth.connections.seven.scopes", "read");

        assertThat(ConnectionChecks.findings(
                        new Settings(config(Map.of())),
                        id -> Optional.ofNullable(profiles.get(id)),
                        id -> Optional.empty()))
                .allMatch(finding -> !finding.stops())
                .extracting(Finding::key)
                .containsExactlyInAnyOrder(
                        one + "provider",
                        one + "user",
                        one + "tenant",
                        one + "grant-type",
                        one + "scopes",
                        one + "audience",
                        one + "resource",
                        "nexus.oauth.connections.three.grant-type",
                        "nexus.oauth.connections.four.subject",
                        "nexus.oauth.connections.six.scopes",
                        "nexus.oauth.connections.six.audience",
                        "nexus.oauth.connections.six.resource",
                        "nexus.oauth.connections.seven.grant-type");
    }

    @Test
    void aConnectionNamesAClientOfTheExtensionThatCanBeUsed() {
        String at = "nexus.oauth.connections.";
        for (String name : List.of("fine", "lost", "twice")) {
            set(at + name + ".provider", "oidc");
            set(at + name + ".user", "billing");
            set(at + name + ".tenant", "default,acme");
            set(at + name + ".oidc-client", name);
        }
        set(at + "twice.scopes", "read");
        set(at + "twice.subject", "someone");
        set(at + "twice.grant-type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
        set(at + "lost.tenant", "*");
        set(at + "plain.provider", "google");
        set(at + "plain.user", "billing");
        set(at + "plain.tenant", "*");

        assertThat(ConnectionChecks.findings(
                        new Settings(config(Map.of())),
                        id -> CatalogueReader.read(List.of(), new UrlRule(false)).stream()
                                .filter(each -> each.id().equals(id))
                                .findFirst(),
                        id -> id.equals("lost") ? Optional.of("is not in the configuration") : Optional.empty()))
                .extracting(Finding::line)
                .satisfiesExactlyInAnyOrder(
                        first -> assertThat(first)
                                .startsWith(
                                        at + "lost.oidc-client: quarkus.oidc-client.lost is not in the configuration"),
                        second -> assertThat(second).startsWith(at + "plain.tenant: a tenant must be"),
                        third -> assertThat(third).startsWith(at + "twice.grant-type: stands beside oidc-client"),
                        fourth -> assertThat(fourth).startsWith(at + "twice.subject: stands beside oidc-client"),
                        fifth -> assertThat(fifth).startsWith(at + "twice.scopes: stands beside oidc-client"));
    }

    @Test
    void portsThatAreInUseAreNamedTogether() throws IOException {
        try (ServerSocket api = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocket management = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            set("quarkus.http.host", "127.0.0.1");
            set("quarkus.http.port", String.valueOf(api.getLocalPort()));
            set("quarkus.management.host", "127.0.0.1");
            set("quarkus.management.port", String.valueOf(management.getLocalPort()));

            assertThat(PortChecks.findings(new Settings(config(Map.of()))))
                    .extracting(Finding::key)
                    .containsExactly("quarkus.http.port", "quarkus.management.port");
            assertThat(PortChecks.findings(new Settings(config(Map.of())))
                            .getFirst()
                            .line())
                    .contains("port " + api.getLocalPort() + " of 127.0.0.1", "QUARKUS_HTTP_PORT");
        }
        set("quarkus.http.port", "0");
        set("quarkus.management.port", "0");
        assertThat(PortChecks.findings(new Settings(config(Map.of())))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nexus.oauth.mode                           | prod",
                "nexus.oauth.public-url                     | ",
                "nexus.oauth.public-url                     | http://oauth.example.com",
                "nexus.oauth.public-url                     | oauth.example.com",
                "nexus.oauth.connect.return-urls            | https://*.app.example/done",
                "nexus.oauth.connect.return-urls            | http://app.example/done",
                "nexus.oauth.connect.return-urls            | https://user@app.example/done",
                "nexus.oauth.providers.allow-insecure-http  | true",
                "nexus.oauth.sandbox.enabled                | true",
            })
    void doesNotStartAndAcceptsNoExcuse(String key, String value) {
        set(key, value);
        set(ACCEPT, key);

        assertThat(findings()).filteredOn(Finding::stops).singleElement().satisfies(finding -> {
            assertThat(finding.key()).isEqualTo(key);
            assertThat(finding.weight()).isEqualTo(Weight.FATAL);
            assertThat(finding.remedy()).isNotBlank();
        });
        assertThatThrownBy(() -> checks(() -> OWN, List.of()).check(new Startup()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(key + ": ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "nexus.oauth.providers.private-hosts          | idp.corp,.com",
                "nexus.oauth.providers.private-hosts          | .",
                "nexus.oauth.providers.private-hosts          | *.example.com",
                "quarkus.http.auth.permission.all.policy      | permit",
                "quarkus.http.proxy.proxy-address-forwarding  | true",
                "quarkus.http.limits.max-body-size            | ",
                "quarkus.http.limits.max-body-size            | 2M",
                "quarkus.http.limits.max-body-size            | much",
                "quarkus.http.limits.max-header-size          | ",
                "quarkus.http.limits.max-header-size          | 1M",
                "quarkus.http.limits.max-connections          | ",
                "nexus.oauth.limits.body-timeout              | 0s",
                "nexus.oauth.limits.body-timeout              | 1h",
                "nexus.oauth.limits.connect-requests          | 0",
                "quarkus.management.enabled                   | false",
                "quarkus.management.host                      | 203.0.113.7",
                "quarkus.management.host                      | 2606:4700::1",
                "quarkus.datasource.reactive.url              | postgresql://db.example:5432/nexus",
                "quarkus.datasource.reactive.url              | postgresql://db.example:5432/nexus?sslmode=require",
                "quarkus.datasource.jdbc.url                  | jdbc:postgresql://db.example/nexus?sslmode=prefer",
            })
    void doesNotStartUnlessAnOperatorKnowsBetter(String key, String value) {
        set(key, value);

        assertThat(findings()).singleElement().satisfies(finding -> {
            assertThat(finding.key()).isEqualTo(key);
            assertThat(finding.weight()).isEqualTo(Weight.SEVERE);
            assertThat(finding.remedy()).isNotBlank();
        });
        assertThatThrownBy(() -> checks(() -> OWN, List.of()).check(new Startup()))
                .hasMessageContaining(key + ": ");

        set(ACCEPT, "something.else, " + key);
        assertThat(findings())
                .noneMatch(Finding::stops)
                .extracting(Finding::key)
                .containsExactlyInAnyOrder(key, ACCEPT);
        assertThatCode(() -> checks(() -> OWN, List.of()).check(new Startup())).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @CsvSource({
        "nexus.oauth.encryption.key, cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=",
        "quarkus.management.host, 0.0.0.0"
    })
    void tellsOfWhatIsNotBest(String key, String value) {
        set(key, value);

        assertThat(findings()).singleElement().satisfies(finding -> {
            assertThat(finding.key()).isEqualTo(key);
            assertThat(finding.stops()).isFalse();
            assertThat(finding.line()).doesNotContain(value.length() > 20 ? value : "nothing of it");
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "common",
                "combined",
                "%h \"%r\" %s",
                "%h %q",
                "%{q,code}",
                "%h %m %U %s",
                "%R",
                "%<U",
                "%{REQUEST_LINE}",
                "%{QUERY_STRING}"
            })
    void keepsCodesOutOfTheAccessLog(String pattern) {
        set("quarkus.http.access-log.enabled", "true");
        set("quarkus.http.access-log.pattern", pattern);
        assertThat(findings()).singleElement().extracting(Finding::key).isEqualTo("quarkus.http.access-log.pattern");

        set("quarkus.http.access-log.pattern", "%h %u %m %s %b");
        assertThat(findings()).isEmpty();
    }

    /** As YAML and some tools write lists. */
    @ParameterizedTest
    @CsvSource({
        "nexus.oauth.connect.return-urls, https://*.app.example/done",
        "nexus.oauth.providers.private-hosts, .com"
    })
    void looksAtListsWithAnIndexForEachValue(String key, String value) {
        settings.remove(key);
        set(key + "[0]", "https://app.example");
        set(key + "[1]", value);

        assertThat(findings()).singleElement().satisfies(finding -> {
            assertThat(finding.key()).isEqualTo(key);
            assertThat(finding.stops()).isTrue();
        });
    }

    @Test
    void anIngressWithAnIndexIsNamed() {
        set("quarkus.http.proxy.proxy-address-forwarding", "true");
        set("quarkus.http.proxy.trusted-proxies[0]", "10.0.0.0/8");

        assertThat(findings()).isEmpty();
    }

    @Test
    void anIngressThatIsNamedMayTellAddresses() {
        set("quarkus.http.proxy.proxy-address-forwarding", "true");
        set("quarkus.http.proxy.trusted-proxies", "10.0.0.0/8");

        assertThat(findings()).isEmpty();
    }

    @Test
    void aDatabaseOnThisMachineNeedsNoCertificate() {
        set(REACTIVE, "postgresql://127.0.0.1:5432/nexus");
        set("quarkus.datasource.jdbc.url", "jdbc:postgresql://localhost/nexus");
        assertThat(findings()).isEmpty();

        set(REACTIVE, "postgresql://db.example:5432/nexus");
        set("quarkus.datasource.reactive.postgresql.ssl-mode", "verify-full");
        assertThat(findings()).isEmpty();
    }

    @Test
    void productionHasADatabaseOfItsOwn() {
        Map<String, String> embedded = Map.of(
                REACTIVE,
                "postgresql://127.0.0.1:1/x",
                "quarkus.datasource.jdbc.url",
                "jdbc:postgresql://127.0.0.1:1/x");
        settings.keySet().removeAll(embedded.keySet());

        assertThat(checks(embedded, () -> OWN, List.of()).findings())
                .singleElement()
                .extracting(Finding::key)
                .isEqualTo(REACTIVE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "nexus.oauth.encryption.key-files",
                "nexus.oauth.access.bootstrap-key-file",
                "nexus.oauth.providers.proxy.credentials-file",
                "nexus.oauth.clients.google.client-secret-file",
                "nexus.oauth.clients.google.second-client-secret-file"
            })
    void filesWithSecretsAreForTheirOwner(String key) throws IOException {
        Path file = Files.writeString(files.resolve("secret"), "s3cr3t");
        set(key, file.toString());

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThat(findings()).isEmpty();

        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(findings()).singleElement().satisfies(finding -> {
            assertThat(finding.key()).isEqualTo(key);
            assertThat(finding.weight()).isEqualTo(Weight.SEVERE);
            assertThat(finding.line()).contains(file.toString(), "chmod").doesNotContain("s3cr3t");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"nexus.oauth.providers.ca-file", "nexus.oauth.access.issuers.kubernetes.ca-file"})
    void anAuthorityHasToCountToday(String key) throws Exception {
        Path store = files.resolve("ca.p12");
        keytool("-genkeypair -alias ca -keyalg EC -dname CN=ca -validity 100 -startdate 2026/01/01 -keystore", store);
        Path pem = files.resolve("ca.pem");
        keytool("-exportcert -rfc -alias ca -file " + pem + " -keystore", store);
        set(key, pem.toString());

        assertThat(at("2026-02-01T00:00:00Z")).isEmpty();
        assertThat(at("2026-04-01T00:00:00Z")).singleElement().matches(finding -> !finding.stops());
        for (String day : List.of("2025-12-01T00:00:00Z", "2026-06-01T00:00:00Z")) {
            assertThat(at(day)).singleElement().satisfies(finding -> {
                assertThat(finding.key()).isEqualTo(key);
                assertThat(finding.weight()).isEqualTo(Weight.SEVERE);
            });
        }
        Files.writeString(pem, "");
        assertThat(at("2026-02-01T00:00:00Z")).singleElement().matches(finding -> finding.weight() == Weight.FATAL);
        Files.delete(pem);
        assertThat(at("2026-02-01T00:00:00Z")).singleElement().matches(finding -> finding.weight() == Weight.FATAL);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "text:correct horse battery staple 123",
                "text:\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008"
                        + "\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008"
            })
    void aKeyIsDrawnAtRandom(String key) {
        String text = key.startsWith("text:")
                ? Base64.getUrlEncoder().encodeToString(key.substring(5).getBytes(StandardCharsets.UTF_8))
                : key;
        Keyring weak = Keyring.of(List.of(Secret.of(OAuthCrypto.generateKey()), Secret.of(text)));

        assertThat(checks(() -> weak, List.of()).findings()).singleElement().satisfies(finding -> {
            assertThat(finding.key()).isEqualTo("nexus.oauth.encryption.key-files");
            assertThat(finding.line()).contains("openssl rand").doesNotContain(text);
        });
    }

    @Test
    void tellsEverythingAtOnceWithWhatOthersRefuse() {
        set("nexus.oauth.public-url", "http://oauth.example.com");
        set("nexus.oauth.sandbox.enabled", "true");
        set(REACTIVE, "postgresql://db.example/nexus");
        List<StartupChecks.Part> parts = List.of(
                new StartupChecks.Part("nexus.oauth.access.policy-file", () -> {
                    throw new IllegalStateException("nexus.oauth.access.policy-file cannot be used: line 3");
                }),
                new StartupChecks.Part("nexus.oauth.providers.files", () -> {
                    throw new IllegalArgumentException("the lease must outlast the request by more than PT2S");
                }));
        Supplier<Keyring> none = () -> {
            throw new IllegalStateException("There is no encryption key");
        };

        StartupChecks checks = checks(none, parts);

        assertThat(checks.findings())
                .extracting(Finding::key)
                .containsExactly(
                        "nexus.oauth.access.policy-file",
                        "nexus.oauth.providers.files",
                        "nexus.oauth.public-url",
                        "nexus.oauth.sandbox.enabled",
                        REACTIVE,
                        "nexus.oauth.encryption.key-files");
        assertThatThrownBy(() -> checks.check(new Startup()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll(
                        "(6)",
                        "policy-file: cannot be used: line 3",
                        "lease",
                        "public-url",
                        "sandbox",
                        "sslmode",
                        "no encryption key");
    }

    /** Hosts of the catalogue and of the settings are compared at the start. */
    @Test
    void looksAtTheProvidersThatASuffixOpens() {
        String key = "nexus.oauth.providers.private-hosts";
        set(key, ".svc.cluster.local");
        ProviderCatalogue catalogue = TestCatalogue.of(files, Providers.VERTX);
        TimerChecks timers =
                new TimerChecks(List.of(), Duration.ofSeconds(5), Duration.ofSeconds(75), Duration.ofSeconds(30));
        StartupChecks checks = new StartupChecks(
                config(Map.of()),
                Clock.systemUTC(),
                () -> OWN,
                () -> catalogue,
                () -> timers,
                this::none,
                this::none,
                this::none);

        assertThat(checks.findings()).extracting(Finding::key).contains(key);
    }

    private <T> T none() {
        throw new IllegalStateException("not in this test");
    }

    @Test
    void leavesLocalModeAloneButForTheLoopbackAndWhatCannotWork() {
        settings.clear();
        set("nexus.oauth.mode", "local");
        set("quarkus.http.host", "127.0.0.1");
        set("nexus.oauth.sandbox.enabled", "true");
        set("nexus.oauth.providers.allow-insecure-http", "true");
        assertThat(findings()).isEmpty();

        set("quarkus.http.host", "0.0.0.0");
        Finding timers = Finding.fatal("nexus.oauth.refresh.termination-grace", "must be longer", "Set it");
        assertThat(checks(() -> OWN, List.of(new StartupChecks.Part("x", () -> List.of(timers))))
                        .findings())
                .extracting(Finding::key)
                .containsExactly("nexus.oauth.refresh.termination-grace", "quarkus.http.host");
    }

    @Test
    void listsWhatIsWrongWithClientCertificates() {
        String key = "nexus.oauth.access.client-certificates";
        set(key, "required");
        set(ACCEPT, key);
        assertThat(findings())
                .filteredOn(Finding::stops)
                .hasSize(2)
                .allMatch(finding -> finding.key().equals(key) && finding.weight() == Weight.FATAL);

        set("nexus.oauth.mode", "local");
        set("quarkus.http.host", "127.0.0.1");
        assertThat(findings()).isEmpty();
    }

    private void set(String key, String value) {
        if (value == null) {
            settings.remove(key);
        } else {
            settings.put(key, value);
        }
    }

    private List<Finding> findings() {
        return checks(() -> OWN, List.of()).findings();
    }

    private List<Finding> at(String time) {
        Clock clock = Clock.fixed(Instant.parse(time), ZoneOffset.UTC);
        return new StartupChecks(new Settings(config(Map.of())), clock, () -> OWN, List.of()).findings();
    }

    private StartupChecks checks(Supplier<Keyring> keyring, List<StartupChecks.Part> parts) {
        return checks(Map.of(), keyring, parts);
    }

    private StartupChecks checks(
            Map<String, String> embedded, Supplier<Keyring> keyring, List<StartupChecks.Part> parts) {
        return new StartupChecks(new Settings(config(embedded)), Clock.systemUTC(), keyring, parts);
    }

    private org.eclipse.microprofile.config.Config config(Map<String, String> embedded) {
        return new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(settings, "operator", 100))
                .withSources(new MapBackedConfigSource("nexus-oauth-embedded", embedded, 50) {})
                .withConverter(Duration.class, 200, new DurationConverter())
                .withConverter(MemorySize.class, 200, new MemorySizeConverter())
                .build();
    }

    private static void keytool(String command, Path store) throws Exception {
        List<String> all = new java.util.ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
        all.addAll(List.of(command.split(" ")));
        all.addAll(List.of(store.toString(), "-storetype", "PKCS12", "-storepass", "changeit"));
        Process process = new ProcessBuilder(all).inheritIO().start();
        assertThat(process.waitFor()).isZero();
    }
}
