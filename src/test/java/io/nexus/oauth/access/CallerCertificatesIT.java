package io.nexus.oauth.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.access.caller.AccessConfig;
import io.nexus.oauth.access.policy.Policies;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.testing.LocalPorts;
import io.nexus.oauth.testing.RunningSchedule;
import io.nexus.oauth.testing.TestFiles;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Callers that are known by the certificate of their connection. */
@QuarkusTest
@TestProfile(CallerCertificatesIT.Tls.class)
class CallerCertificatesIT implements RunningSchedule {

    private static final String WORKER = "spiffe://cluster.local/ns/mail/sa/worker";
    private static final Path DIRECTORY = TestFiles.path("certificates");

    @Inject
    AccessConfig config;

    @Inject
    Policies policies;

    private final String tenant = Api.unique("tenant");

    /** The database outlives a run. */
    @BeforeEach
    void nobodyIsGrantedAnything() {
        List<String> names = Api.admin().get("/api/v1/policies").path("items.findAll{it.issuer=='certificate'}.name");
        names.forEach(
                name -> Api.admin().delete("/api/v1/policies/" + name).then().statusCode(204));
    }

    @Test
    void aSpiffeIdMayDoWhatItsPolicySays() throws Exception {
        assertThat(get("worker", Map.of()).statusCode()).isEqualTo(403);

        put("spiffe://cluster.local/ns/mail/sa/*");

        assertThat(get("worker", Map.of()).statusCode()).isEqualTo(200);
        assertThat(get("plain", Map.of()).statusCode()).isEqualTo(403);
    }

    @Test
    void theSubjectOfACertificateWithoutASpiffeIdIsItsName() throws Exception {
        put("CN=plain,O=Acme");

        assertThat(get("plain", Map.of()).statusCode()).isEqualTo(200);
    }

    /** Its common name is that of another, but the id is what counts. */
    @Test
    void aCertificateWithASpiffeIdIsKnownByItAlone() throws Exception {
        put("CN=worker,O=Acme");

        assertThat(get("worker", Map.of()).statusCode()).isEqualTo(403);
        assertThat(get("twofold", Map.of()).statusCode()).isEqualTo(401);
    }

    @Test
    void aCertificateIsACredentialAndTwoAreTooMany() throws Exception {
        Map<String, String> key = Map.of("X-API-Key", Api.newTenant());

        assertThat(get(null, key).statusCode()).isEqualTo(200);
        assertThat(get(null, Map.of()).statusCode()).isEqualTo(401);
        assertThat(get("worker", key).statusCode()).isEqualTo(401);
    }

    /** TLS looks at it once, when the connection begins. */
    @Test
    void aCertificateEndsOnAConnectionThatGoesOn() throws Exception {
        X509Certificate certificate = (X509Certificate) store("plain").getCertificate("plain");
        Instant end = certificate.getNotAfter().toInstant();

        assertThat(authenticated(certificate, end.minusSeconds(1))).isTrue();
        assertThat(authenticated(certificate, end.plusSeconds(1))).isFalse();
        assertThat(authenticated(
                        certificate, certificate.getNotBefore().toInstant().minusSeconds(1)))
                .isFalse();
    }

    private boolean authenticated(X509Certificate certificate, Instant now) {
        return new CallerCertificates(config, policies, Clock.fixed(now, ZoneOffset.UTC))
                .authenticate(certificate)
                .await()
                .atMost(Duration.ofSeconds(30))
                .isPresent();
    }

    @Test
    void aCertificateThatNobodyTrustsIsNoCredential() throws Exception {
        int status;
        try {
            status = get("stranger", Map.of()).statusCode();
        } catch (IOException refusedByTls) {
            status = 401;
        }
        assertThat(status).isEqualTo(401);
    }

    private void put(String subject) {
        String name = Api.unique("policy");
        Api.admin()
                .body(Map.of(
                        "issuer",
                        "certificate",
                        "subject",
                        subject,
                        "tenants",
                        List.of(tenant),
                        "roles",
                        List.of("connector")))
                .put("/api/v1/policies/" + name)
                .then()
                .statusCode(200);
    }

    private static HttpResponse<String> get(String client, Map<String, String> headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port() + "/api/v1/credentials"));
        headers.forEach(request::header);
        try (HttpClient http =
                HttpClient.newBuilder().sslContext(context(client)).build()) {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private static int port() {
        return ConfigProvider.getConfig().getValue("quarkus.http.test-ssl-port", Integer.class);
    }

    private static SSLContext context(String client) throws Exception {
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store("server"));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        if (client != null) {
            keys.init(store(client), Keytool.PASSWORD.toCharArray());
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(client == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore store(String name) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(DIRECTORY.resolve(name + ".p12"))) {
            store.load(in, Keytool.PASSWORD.toCharArray());
        }
        return store;
    }

    /** The service with TLS of its own. */
    public static class Tls implements QuarkusTestProfile {

        @Override
        public Map<String, String> getConfigOverrides() {
            try {
                make();
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return Map.of(
                    "nexus.oauth.access.client-certificates",
                    "request",
                    "quarkus.http.test-ssl-port",
                    String.valueOf(LocalPorts.free()),
                    "quarkus.http.ssl.certificate.key-store-file",
                    DIRECTORY.resolve("server.p12").toString(),
                    "quarkus.http.ssl.certificate.key-store-password",
                    Keytool.PASSWORD,
                    "quarkus.http.ssl.certificate.trust-store-file",
                    DIRECTORY.resolve("trusted.p12").toString(),
                    "quarkus.http.ssl.certificate.trust-store-password",
                    Keytool.PASSWORD);
        }

        private static void make() throws IOException, InterruptedException {
            Files.deleteIfExists(DIRECTORY.resolve("trusted.p12"));
            Keytool.key(DIRECTORY, "server", "CN=localhost", "san=ip:127.0.0.1");
            Keytool.key(DIRECTORY, "worker", "CN=worker,O=Acme", "san=uri:" + WORKER);
            Keytool.key(DIRECTORY, "plain", "CN=plain,O=Acme", null);
            Keytool.key(DIRECTORY, "twofold", "CN=twofold,O=Acme", "san=uri:" + WORKER + ",uri:" + WORKER + "-too");
            Keytool.key(DIRECTORY, "stranger", "CN=plain,O=Acme", null);
            for (String client : List.of("worker", "plain", "twofold")) {
                Keytool.trust(DIRECTORY, client, "trusted");
            }
        }
    }
}
