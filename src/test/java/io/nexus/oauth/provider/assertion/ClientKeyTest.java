package io.nexus.oauth.provider.assertion;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.nexus.oauth.provider.assertion.ClientKey.Algorithm;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.jose4j.json.JsonUtil;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.JsonWebSignature;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

public class ClientKeyTest {

    private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");
    private static final String[] PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "k"};

    /** A key of the tests, which {@code openssl} made. */
    public static String pem(String name) {
        try (InputStream in = ClientKeyTest.class.getResourceAsStream(name + ".pem")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @EnumSource(Algorithm.class)
    void aMadeKeySignsAndIsReadAgain(Algorithm algorithm) throws Exception {
        ClientKey made = ClientKey.make(algorithm);
        ClientKey read = ClientKey.of(made.toSecret());

        assertThat(read).isEqualTo(made).hasToString(made.toString());
        assertThat(verified(read)).isTrue();
        Map<String, Object> open = JsonUtil.parseJson(made.publicJwk());
        assertThat(open)
                .containsEntry("kid", made.id())
                .containsEntry("use", "sig")
                .containsEntry("alg", algorithm.name())
                .doesNotContainKeys(PRIVATE);
        assertThat(made.toString()).doesNotContain((String)
                JsonUtil.parseJson(made.toSecret().reveal()).get("d"));
    }

    @ParameterizedTest
    @CsvSource({
        "pkcs1, , RS256",
        "rsa, RS256, RS256",
        "rsa, , RS256",
        "rsa, PS256, PS256",
        "p256, , ES256",
        "p256, ES256, ES256",
        "sec1, , ES256"
    })
    void readsWhatOpensslMakes(String name, Algorithm wanted, Algorithm used) throws Exception {
        ClientKey key = BroughtKey.parse(pem(name), wanted, null, NOW).key();

        assertThat(key.algorithm()).isEqualTo(used);
        assertThat(verified(key)).isTrue();
        assertThat(BroughtKey.parse(key.toSecret().reveal(), null, null, NOW).key())
                .isEqualTo(key);
    }

    @Test
    void aCertificateBesideTheKeyIsNamedByItsDigest() throws Exception {
        ClientKey key = BroughtKey.parse(pem("rsa") + pem("certificate"), Algorithm.PS256, null, NOW)
                .key();

        JsonWebSignature signed = new JsonWebSignature();
        signed.setCompactSerialization(ClientKey.of(key.toSecret()).sign("{}"));
        byte[] digest = java.security.MessageDigest.getInstance("SHA-256")
                .digest(Base64.getMimeDecoder().decode(pem("certificate").replaceAll("-----.*-----", "")));
        assertThat(signed.getX509CertSha256ThumbprintHeaderValue())
                .isEqualTo(Base64.getUrlEncoder().withoutPadding().encodeToString(digest));
        assertThat(JsonUtil.parseJson(key.publicJwk())).containsKey("x5c");
    }

    @ParameterizedTest
    @CsvSource({
        "rsa1024, , 1024 bits",
        "p384, , neither an RSA key nor",
        "encrypted, , without a password",
        "certificate, , must be a private key",
        "rsa, ES256, no key for ES256",
        "p256, RS256, no key for RS256"
    })
    void refusesWhatCannotSign(String name, Algorithm wanted, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BroughtKey.parse(pem(name), wanted, null, NOW).key())
                .withMessageContaining(why);
    }

    @Test
    void theEnvelopeOfPkcs1HoldsTheSameKey() {
        assertThat(BroughtKey.parse(pem("pkcs1"), null, null, NOW))
                .isEqualTo(BroughtKey.parse(pem("rsa"), null, null, NOW));
    }

    /** As Google gives it: nothing in it is an address to send anything to. */
    @Test
    void readsTheFileOfAServiceAccount() {
        String file = serviceAccount("private_key_id", "4711");

        BroughtKey brought = BroughtKey.parse(file, null, null, NOW);

        assertThat(brought.key().id()).isEqualTo("4711");
        assertThat(brought.named()).isTrue();
        assertThat(brought.clientId()).isEqualTo("robot@project.iam.example");
        assertThat(brought.tokenEndpoint()).isEqualTo("https://as.example/token");
        assertThat(brought.toString()).doesNotContain("PRIVATE");
        assertThat(BroughtKey.parse(file, null, "4711", NOW)).isEqualTo(brought);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BroughtKey.parse(file, null, "4712", NOW))
                .withMessageContaining("another private_key_id");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BroughtKey.parse(serviceAccount("private_key", "none"), null, null, NOW))
                .withMessageContaining("must be a private key");
    }

    @Test
    void aKeyTakesTheIdBesideIt() {
        BroughtKey named = BroughtKey.parse(pem("rsa"), null, "their-id", NOW);

        assertThat(named.key().id()).isEqualTo("their-id");
        assertThat(named.named()).isTrue();
        assertThat(BroughtKey.parse(pem("rsa"), null, null, NOW).named()).isFalse();
        String jwk = named.key().toSecret().reveal();
        assertThat(BroughtKey.parse(jwk, null, null, NOW).named()).isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BroughtKey.parse(jwk, null, "another", NOW))
                .withMessageContaining("another kid");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BroughtKey.parse(pem("rsa"), null, "a b", NOW))
                .withMessageContaining("128 visible");
    }

    private static String serviceAccount(String name, String value) {
        Map<String, Object> file = new HashMap<>(Map.of(
                "type",
                "service_account",
                "private_key_id",
                "1",
                "private_key",
                pem("rsa"),
                "client_email",
                "robot@project.iam.example",
                "token_uri",
                "https://as.example/token"));
        file.put(name, value);
        return JsonUtil.toJson(file);
    }

    @Test
    void refusesACertificateThatEndedOrBelongsToAnotherKey() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BroughtKey.parse(
                                pem("rsa") + pem("certificate"), null, null, Instant.parse("2200-01-01T00:00:00Z"))
                        .key())
                .withMessageContaining("ended at");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BroughtKey.parse(
                        pem("rsa") + pem("certificate"), null, null, Instant.parse("2026-01-01T00:00:00Z")))
                .withMessageContaining("not valid yet");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> BroughtKey.parse(pem("rsa") + pem("certificate").repeat(6), null, null, NOW))
                .withMessageContaining("has 6 certificates: a chain has 5 at most");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> BroughtKey.parse(pem("p256") + pem("certificate"), null, null, NOW)
                        .key())
                .withMessageContaining("does not belong");
    }

    /** Whatever is wrong, the message has nothing of the key. */
    @Test
    void refusesWhatIsNoPairOrNoKey() throws Exception {
        Map<String, Object> jwk = new HashMap<>(
                JsonUtil.parseJson(ClientKey.make(Algorithm.ES256).toSecret().reveal()));
        Map<String, Object> other = new HashMap<>(
                JsonUtil.parseJson(ClientKey.make(Algorithm.ES256).toSecret().reveal()));
        String secret = (String) jwk.get("d");
        jwk.put("x", other.get("x"));
        jwk.put("y", other.get("y"));
        for (String text : new String[] {
            JsonUtil.toJson(jwk),
            JsonUtil.toJson(Map.of("kty", "oct", "k", secret)),
            ClientKey.make(Algorithm.ES256).publicJwk(),
            "{\"kty\":\"RSA\",\"d\":\"" + secret + "\"}",
            "{",
            "",
            secret,
            "-----BEGIN PRIVATE KEY-----\n" + secret + "\n-----END PRIVATE KEY-----",
            "x".repeat(ClientKey.MAX_LENGTH + 1),
        }) {
            assertThatIllegalArgumentException()
                    .as(text.length() > 100 ? text.substring(0, 100) : text)
                    .isThrownBy(() -> BroughtKey.parse(text, null, null, NOW).key())
                    .satisfies(refusal -> assertThat(refusal.getMessage())
                            .isNotBlank()
                            .doesNotContain(secret)
                            .matches("(is|must|has|does).*"));
        }
    }

    @Test
    void publishesNothingElseOfABroughtKey() throws Exception {
        Map<String, Object> jwk = new HashMap<>(
                JsonUtil.parseJson(ClientKey.make(Algorithm.RS256).toSecret().reveal()));
        jwk.put("kid", "mine");
        jwk.put("note", "CANARY");

        ClientKey key = BroughtKey.parse(JsonUtil.toJson(jwk), null, null, NOW).key();

        assertThat(key.id()).isEqualTo("mine");
        assertThat(key.publicJwk()).doesNotContain("CANARY");
        assertThat(JsonUtil.parseJson(key.publicJwk())).doesNotContainKeys(PRIVATE);
    }

    @Test
    void refusesAnIdThatCannotBeSent() throws Exception {
        Map<String, Object> jwk = new HashMap<>(
                JsonUtil.parseJson(ClientKey.make(Algorithm.ES256).toSecret().reveal()));
        for (String id : new String[] {"", "a b", "x".repeat(129), "a\n"}) {
            jwk.put("kid", id);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> BroughtKey.parse(JsonUtil.toJson(jwk), null, null, NOW)
                            .key())
                    .withMessageContaining("must have an id");
        }
    }

    private static boolean verified(ClientKey key) throws Exception {
        JsonWebSignature signed = new JsonWebSignature();
        signed.setCompactSerialization(key.sign("{}"));
        signed.setKey(PublicJsonWebKey.Factory.newPublicJwk(key.publicJwk()).getPublicKey());
        assertThat(signed.getKeyIdHeaderValue()).isEqualTo(key.id());
        assertThat(signed.getAlgorithmHeaderValue()).isEqualTo(key.algorithm().name());
        return signed.verifySignature();
    }
}
