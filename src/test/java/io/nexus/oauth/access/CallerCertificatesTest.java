package io.nexus.oauth.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.rest.Api;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

/** Callers that are known by the certificate of their connection. */
@QuarkusTest
@TestProfile(CallerCertificatesTest.Tls.class)
class CallerCertificatesTest {

    private static final String WORKER = "spiffe://cluster.local/ns/mail/sa/worker";
    private static final String PASSWORD = "password";
    private static final Path DIRECTORY = Path.of("target", "test-certificates").toAbsolutePath();

    private final String tenant = Api.unique("tenant");

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

        assertThat(get("worker", Map.of()).body()).doesNotContain(tenant);
        assertThat(get("twofold", Map.of()).statusCode()).isEqualTo(401);
    }

    @Test
    void aCertificateIsACredentialAndTwoAreTooMany() throws Exception {
        Map<String, String> key = Map.of("X-API-Key", Api.newTenant());

        assertThat(get(null, key).statusCode()).isEqualTo(200);
        assertThat(get(null, Map.of()).statusCode()).isEqualTo(401);
        assertThat(get("worker", key).statusCode()).isEqualTo(401);
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
            keys.init(store(client), PASSWORD.toCharArray());
        }
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(client == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }

    private static KeyStore store(String name) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(DIRECTORY.resolve(name + ".p12"))) {
            store.load(in, PASSWORD.toCharArray());
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
                    String.valueOf(freePort()),
                    "quarkus.http.ssl.certificate.key-store-file",
                    DIRECTORY.resolve("server.p12").toString(),
                    "quarkus.http.ssl.certificate.key-store-password",
                    PASSWORD,
                    "quarkus.http.ssl.certificate.trust-store-file",
                    DIRECTORY.resolve("trusted.p12").toString(),
                    "quarkus.http.ssl.certificate.trust-store-password",
                    PASSWORD);
        }

        private static void make() throws IOException, InterruptedException {
            Files.createDirectories(DIRECTORY);
            for (String file : List.of("server", "trusted", "worker", "plain", "twofold", "stranger")) {
                Files.deleteIfExists(DIRECTORY.resolve(file + ".p12"));
            }
            key("server", "CN=localhost", "san=ip:127.0.0.1");
            key("worker", "CN=worker,O=Acme", "san=uri:" + WORKER);
            key("plain", "CN=plain,O=Acme", null);
            key("twofold", "CN=twofold,O=Acme", "san=uri:" + WORKER + ",uri:spiffe://cluster.local/ns/mail/sa/other");
            key("stranger", "CN=plain,O=Acme", null);
            for (String client : List.of("worker", "plain", "twofold")) {
                Path file = DIRECTORY.resolve(client + ".cer");
                keytool(List.of("-exportcert", "-alias", client, "-file", file.toString()), client);
                keytool(List.of("-importcert", "-noprompt", "-alias", client, "-file", file.toString()), "trusted");
            }
        }

        private static void key(String name, String subject, String extension)
                throws IOException, InterruptedException {
            List<String> arguments = new ArrayList<>(List.of(
                    "-genkeypair",
                    "-alias",
                    name,
                    "-keyalg",
                    "EC",
                    "-groupname",
                    "secp256r1",
                    "-dname",
                    subject,
                    "-validity",
                    "2"));
            if (extension != null) {
                arguments.addAll(List.of("-ext", extension));
            }
            keytool(arguments, name);
        }

        private static void keytool(List<String> arguments, String store) throws IOException, InterruptedException {
            List<String> command = new ArrayList<>();
            command.add(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
            command.addAll(arguments);
            command.addAll(List.of(
                    "-keystore",
                    DIRECTORY.resolve(store + ".p12").toString(),
                    "-storetype",
                    "PKCS12",
                    "-storepass",
                    PASSWORD));
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IOException(said);
            }
        }

        private static int freePort() {
            try (ServerSocket socket = new ServerSocket(0)) {
                return socket.getLocalPort();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
