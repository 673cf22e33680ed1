package io.nexus.oauth.access;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nexus.oauth.access.caller.AccessConfig;
import io.nexus.oauth.access.issuer.CallerTokens;
import io.nexus.oauth.access.issuer.Issuers;
import io.nexus.oauth.credential.Identifiers;
import io.nexus.oauth.credential.TenantId;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.lang.JoseException;

/** Whatever a caller shows is believed or refused, and never a failure of ours. */
class CallerFuzz {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final CallerTokens TOKENS = tokens();

    @FuzzTest
    void apiKey(byte[] input) {
        String text = text(input);
        ParsedApiKey.parse(text).ifPresent(key -> {
            if (!key.whole().reveal().equals(text)) {
                throw new AssertionError("reads back as another key");
            }
        });
    }

    /** A token whose header and claims are anything at all; nobody has signed it. */
    @FuzzTest
    void token(byte[] input) {
        int cut = input.length / 2;
        String header = encoded(new String(input, 0, cut, StandardCharsets.ISO_8859_1));
        String claims = encoded(new String(input, cut, input.length - cut, StandardCharsets.ISO_8859_1));

        refused(text(input));
        refused(header + "." + claims + ".c2ln");
        refused(encoded("{\"alg\":\"RS256\",\"kid\":\"k\"}") + "." + encoded(text(input)) + ".c2ln");
        refused(encoded(text(input)) + "." + encoded("{\"iss\":\"https://idp.example\"}") + ".c2ln");
    }

    private static void refused(String token) {
        if (TOKENS.authenticate(token).await().atMost(PATIENCE).isPresent()) {
            throw new AssertionError("believed");
        }
    }

    /** Believes one issuer, whose only key is in a file. Nobody is ever believed here, so nobody asks for policies. */
    private static CallerTokens tokens() {
        try {
            RsaJsonWebKey key = RsaJwkGenerator.generateJwk(2048);
            key.setKeyId("k");
            Path file = Files.createTempFile("jwks", ".json");
            file.toFile().deleteOnExit();
            Files.writeString(file, new JsonWebKeySet(key).toJson());
            AccessConfig config = new SmallRyeConfigBuilder()
                    .withMapping(AccessConfig.class)
                    .withConverter(Duration.class, 200, new DurationConverter())
                    .withDefaultValues(Map.of(
                            "nexus.oauth.access.issuers.idp.issuer", "https://idp.example",
                            "nexus.oauth.access.issuers.idp.audience", "us",
                            "nexus.oauth.access.issuers.idp.jwks-file", file.toString()))
                    .build()
                    .getConfigMapping(AccessConfig.class);
            return Issuers.tokens(config, Vertx.vertx(), Clock.systemUTC());
        } catch (IOException | JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    @FuzzTest
    void names(byte[] input) throws JsonProcessingException {
        String text = text(input);
        try {
            String fit = Identifiers.check("a name", text, 254);
            if (!fit.equals(JSON.readValue(JSON.writeValueAsString(fit), String.class)) || fit.indexOf('\0') >= 0) {
                throw new AssertionError("is not what it was");
            }
            var unused = new TenantId(text);
        } catch (IllegalArgumentException expected) {
            if (expected.getMessage().contains("\n")) {
                throw expected;
            }
        }
    }

    private static String encoded(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String text(byte[] input) {
        return new String(input, StandardCharsets.UTF_8);
    }
}
