package io.nexus.oauth.monitor.startup;

import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClientCertificateChecksTest {

    private static final String STORE = "quarkus.http.ssl.certificate.trust-store-file";

    @Test
    void whoAsksForNoneIsAskedForNothing() {
        assertThat(findings("none", Map.of())).isEmpty();
    }

    @Test
    void aTrustStoreIsDemanded() {
        for (String wanted : List.of("request", "required", "REQUIRED")) {
            Map<String, String> closed = Map.of("quarkus.http.insecure-requests", "disabled");

            assertThat(findings(wanted, closed))
                    .singleElement()
                    .extracting(Finding::line)
                    .asString()
                    .contains("there is no trust store", STORE);
            assertThat(findings(wanted, and(closed, STORE, "ca.p12"))).isEmpty();
            assertThat(findings(wanted, and(closed, "quarkus.tls.trust-store.pem.certs", "a.pem,b.pem")))
                    .isEmpty();
            assertThat(findings(wanted, and(closed, "quarkus.tls.trust-store.pem.certs[0]", "a.pem")))
                    .isEmpty();
            assertThat(findings(wanted, and(closed, STORE, " "))).hasSize(1);
            assertThat(findings(wanted, and(closed, STORE + "-type", "PKCS12"))).hasSize(1);
        }
    }

    @Test
    void aNamedTlsConfigurationIsTheOneThatCounts() {
        Map<String, String> named = Map.of("quarkus.http.tls-configuration-name", "mtls", STORE, "unused.p12");

        assertThat(findings("request", named)).hasSize(1);
        assertThat(findings("request", and(named, "quarkus.tls.mtls.trust-store.p12.path", "ca.p12")))
                .isEmpty();
    }

    @Test
    void trustInEverybodyIsNone() {
        Map<String, String> settings = Map.of(STORE, "ca.p12", "quarkus.tls.trust-all", "true");

        assertThat(findings("request", settings))
                .singleElement()
                .extracting(Finding::line)
                .asString()
                .contains("trust-all");
    }

    @Test
    void whatIsRequiredIsRequiredOnEveryPort() {
        Map<String, String> settings = Map.of(STORE, "ca.p12");

        assertThat(findings("required", settings))
                .singleElement()
                .extracting(Finding::line)
                .asString()
                .contains("quarkus.http.insecure-requests");
        assertThat(findings("required", and(settings, "quarkus.http.insecure-requests", "enabled")))
                .hasSize(1);
        assertThat(findings("required", and(settings, "quarkus.http.insecure-requests", "redirect")))
                .isEmpty();
        assertThat(findings("request", settings)).isEmpty();
    }

    private static Map<String, String> and(Map<String, String> settings, String key, String value) {
        Map<String, String> all = new HashMap<>(settings);
        all.put(key, value);
        return all;
    }

    private static List<Finding> findings(String wanted, Map<String, String> settings) {
        SmallRyeConfig config = new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(
                        and(settings, "nexus.oauth.access.client-certificates", wanted), "test", 100))
                .build();
        return ClientCertificateChecks.findings(new Settings(config));
    }
}
