package io.nexus.oauth.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nexus.oauth.access.Keytool;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.testing.TransitServer;
import io.nexus.oauth.testing.TransitServer.Trouble;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Master keys that only a key service opens. */
class TransitWrapperTest {

    private final Vertx vertx = Vertx.vertx();
    private final String one = MasterKey.generate();
    private final String two = MasterKey.generate();
    private TransitServer server = new TransitServer();

    @TempDir
    Path directory;

    private Path keys;
    private Path token;

    @BeforeEach
    void files() throws IOException {
        keys = Files.writeString(directory.resolve("keys"), server.wrap(one) + "\n");
        token = Files.writeString(directory.resolve("token"), TransitServer.TOKEN + "\n");
    }

    @AfterEach
    void close() throws Exception {
        server.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void wrappedKeyIsTheKeyThatWasWrapped() throws IOException {
        String first = server.wrap(one);
        server.rotate();
        write(server.wrap(two), first, MasterKey.generate());

        assertThat(producer(Map.of()).read().ids()).hasSize(3).startsWith(id(two), id(one));
        assertThat(Files.readString(keys)).doesNotContain(one, two);
    }

    /** An unwrapped key is cached: the service asks only for a text that is new to the process. */
    @Test
    void onlyNewTextsAreAskedAbout() throws IOException {
        KeyringProducer producer = producer(Map.of());
        producer.read();
        producer.read();
        assertThat(server.asked()).hasSize(1);

        write(server.wrap(two), Files.readString(keys).strip());
        assertThat(producer.read().ids()).containsExactly(id(two), id(one));
        assertThat(server.asked()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource({
        "SEALED, it is sealed or not ready (503)",
        "SILENT, no response within 700 ms",
        "REDIRECTING, it redirects: configure the address of the server itself (307)",
        "TALKATIVE, its response is too large",
        "CONFUSED, its response has no data.plaintext"
    })
    void serviceThatIsAwayStopsTheStart(Trouble trouble, String reason) {
        server.suffer(trouble);

        assertRefused(trouble == Trouble.SILENT ? Map.of("timeout", "700ms") : Map.of(), reason);
    }

    @Test
    void serviceThatIsNotThereStopsTheStart() {
        server.close();

        assertRefused(Map.of(), "it cannot be reached (");
    }

    @Test
    void tokenThatIsNotBelievedStopsTheStart() throws IOException {
        server.forget(TransitServer.TOKEN);
        assertRefused(
                Map.of(), "transit/decrypt/nexus-oauth: access denied: check the token, its role and its policy (403)");

        Files.writeString(token, "two words");
        assertRefused(Map.of(), "holds no token");
        Files.delete(token);
        assertRefused(Map.of(), "cannot be read");
    }

    @Test
    void whatIsNotOursIsNotOpened() throws IOException {
        try (TransitServer other = new TransitServer()) {
            write(other.wrap(one));
            assertRefused(Map.of(), "(400)");
        }
        String text = server.wrap(one);
        write(text.substring(0, 30) + (text.charAt(30) == 'A' ? 'B' : 'A') + text.substring(31));
        assertRefused(Map.of(), "(400)");
        write(server.wrap(new byte[31]));
        assertRefused(Map.of(), "the unwrapped value is not a key of 32 bytes");
        write(server.wrap(one));
        assertRefused(Map.of("key", "other"), "there is no such mount or key (404)");
        assertRefused(Map.of("key", "a?b"), "is not a name");
    }

    @Test
    void wrappedKeyWithoutAServiceIsSaidSo() {
        KeyringProducer producer = new KeyringProducer(config(Map.of("key-files", keys.toString())), vertx);

        assertThatExceptionOfType(CryptoException.NotUnwrapped.class)
                .isThrownBy(producer::read)
                .withMessageEndingWith("nexus.oauth.encryption.transit.url is not set");
    }

    @Test
    void clearTextGoesToNamedHostsOnly() {
        assertRefused(
                Map.of("http-hosts", "localhost"), "transit.url must be https, or its host one of transit.http-hosts");
        assertThat(server.asked()).isEmpty();
    }

    @Test
    void podLogsInWithItsServiceAccount() throws IOException {
        Path account = Files.writeString(directory.resolve("account"), TransitServer.JWT);
        Map<String, String> login =
                Map.of("kubernetes-role", TransitServer.ROLE, "kubernetes-token-file", account.toString());
        Files.delete(token);

        assertThat(producer(login).read().primaryId()).isEqualTo(id(one));
        assertThat(server.asked()).containsExactly("/v1/auth/kubernetes/login", "/v1/transit/decrypt/nexus-oauth");

        Files.writeString(account, "CANARY-other");
        assertRefused(login, "auth/kubernetes/login: access denied");
        assertRefused(
                Map.of("kubernetes-role", "x", "kubernetes-token-file", account.toString()),
                "login: the wrapped key or the login was rejected");
    }

    @Test
    void namespaceIsNamed() {
        server.moveTo("team-a");

        assertRefused(Map.of(), "(404)");
        assertThat(producer(Map.of("namespace", "team-a")).read().primaryId()).isEqualTo(id(one));
    }

    @Test
    void serverHasToBeVouchedFor() throws Exception {
        Path certificate = Keytool.key(directory, "server", "CN=vault", "SAN=IP:127.0.0.1");
        Path stranger = Keytool.key(directory, "stranger", "CN=vault", "SAN=IP:127.0.0.1");
        Path elsewhere = Keytool.key(directory, "elsewhere", "CN=vault", "SAN=DNS:vault.example.com");
        server.close();
        server = new TransitServer(context("server"));
        write(server.wrap(one));

        assertRefused(Map.of(), "it cannot be reached (");
        assertRefused(Map.of("ca-file", stranger.toString()), "it cannot be reached (");
        assertThat(server.asked()).isEmpty();
        assertThat(producer(Map.of("ca-file", certificate.toString())).read().primaryId())
                .isEqualTo(id(one));

        server.close();
        server = new TransitServer(context("elsewhere"));
        write(server.wrap(one));
        assertRefused(Map.of("ca-file", elsewhere.toString()), "it cannot be reached (");
        assertThat(server.asked()).isEmpty();
    }

    @Test
    void whileTheServiceIsAwayTheKeysInUseStay() throws IOException {
        KeyringProducer producer = producer(Map.of("timeout", "2s"));
        LiveKeyring keyring = new LiveKeyring(producer.keyring(), producer);
        keyring.setOtherReplicas(List.of(), List.of());
        server.suffer(Trouble.SEALED);

        assertThat(keyring.reread().problem()).isEmpty();
        write(server.wrap(two), Files.readString(keys).strip());
        assertThat(keyring.reread().problem()).get().asString().contains(keys + " line 1", "(503)");
        assertThat(keyring.reread().problem()).isEmpty();
        assertThat(keyring.problem()).isPresent();
        assertThat(keyring.ids()).containsExactly(id(one));
        assertThat(keyring.kept()).isEmpty();

        server.suffer(Trouble.NONE);
        assertThat(keyring.reread().added()).containsExactly(id(two));
        assertThat(keyring.problem()).isEmpty();
        assertThat(keyring.sealingId()).isEqualTo(id(two));
    }

    private void assertRefused(Map<String, String> settings, String reason) {
        long asked = System.nanoTime();
        assertThatExceptionOfType(CryptoException.NotUnwrapped.class)
                .isThrownBy(() -> producer(settings).read())
                .withMessageStartingWith("The key service did not unwrap the key in " + keys + " line 1: ")
                .withMessageContaining(reason)
                .withMessageNotContaining("CANARY")
                .withMessageNotContaining(one)
                .withNoCause();
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(15));
    }

    private void write(String... lines) throws IOException {
        Files.write(keys, List.of(lines));
    }

    private KeyringProducer producer(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>();
        all.put("key-files", keys.toString());
        all.put("transit.url", server.url());
        all.put("transit.key", TransitServer.KEY);
        all.put("transit.http-hosts", "127.0.0.1");
        all.put("transit.token-file", token.toString());
        all.put("transit.timeout", "10s");
        settings.forEach((key, value) -> all.put("transit." + key, value));
        return new KeyringProducer(config(all), vertx);
    }

    private static KeyringConfig config(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>();
        settings.forEach((key, value) -> all.put("nexus.oauth.encryption." + key, value));
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(KeyringConfig.class)
                .withDefaultValues(all)
                .build()
                .getConfigMapping(KeyringConfig.class);
    }

    private SSLContext context(String name) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(directory.resolve(name + ".p12"))) {
            store.load(in, Keytool.PASSWORD.toCharArray());
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, Keytool.PASSWORD.toCharArray());
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }

    private static String id(String key) {
        return Keyring.of(List.of(Secret.of(key))).primaryId();
    }
}
