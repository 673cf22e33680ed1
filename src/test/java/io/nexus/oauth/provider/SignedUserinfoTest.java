package io.nexus.oauth.provider;

import static io.nexus.oauth.provider.Providers.client;
import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.AccountIdentity;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.provider.ScriptedServer.Script;
import io.nexus.oauth.provider.metadata.Discovery;
import io.nexus.oauth.provider.metadata.MetadataCache;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.keys.HmacKey;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Userinfo as a signed JWT (OpenID Connect Core 1.0 section 5.3.2) over HTTP, with keys from the metadata. */
class SignedUserinfoTest {

    private static final RsaJsonWebKey KEY = key();
    private static final RsaJsonWebKey OTHER = key();

    private final ScriptedServer server = new ScriptedServer();
    private final Discovery discovery =
            new Discovery(Providers.WIRE, new MetadataCache(Providers.CLOCK), Providers.RULE);

    private static RsaJsonWebKey key() {
        try {
            RsaJsonWebKey key = RsaJwkGenerator.generateJwk(2048);
            key.setKeyId("k");
            return key;
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void start() {
        server.at("/.well-known/openid-configuration", ScriptedServer.json(200, """
                        {"issuer":"%1$s","token_endpoint":"%1$s/t","userinfo_endpoint":"%1$s/u","jwks_uri":"%1$s/k"}""".formatted(server.url())))
                .at("/k", ScriptedServer.json(200, new JsonWebKeySet(KEY).toJson(OutputControlLevel.PUBLIC_ONLY)));
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "'', true",
        "'\"iss\":\"%s\",', true",
        "'\"iss\":\"%s\",\"aud\":\"my client\",', true",
        "'\"aud\":[\"another\",\"my client\"],', true",
        "'\"aud\":\"another\",', false",
        "'\"iss\":\"https://evil.example\",', false",
        "'\"exp\":1,', false"
    })
    void theAccountIsReadWhenTheTokenIsMeantForUs(String claims, boolean read) throws JoseException {
        answer(signed("{" + claims.formatted(server.url()) + "\"sub\":\"42\",\"email\":\"a@b\"}"));

        assertThat(identity()).isEqualTo(read ? Optional.of(new AccountIdentity("42", "a@b")) : Optional.empty());
    }

    @Test
    void aTokenOfAnotherKeyIsNotRead() throws JoseException {
        JsonWebSignature forged = new JsonWebSignature();
        forged.setPayload("{\"sub\":\"42\"}");
        forged.setKey(OTHER.getPrivateKey());
        forged.setKeyIdHeaderValue("k");
        forged.setAlgorithmHeaderValue("RS256");
        answer(forged.getCompactSerialization());

        assertThat(identity()).isEmpty();
    }

    @Test
    void neitherAnUnsignedNorASymmetricTokenIsRead() throws JoseException {
        answer("eyJhbGciOiJub25lIn0.eyJzdWIiOiI0MiJ9.");
        assertThat(identity()).isEmpty();

        JsonWebSignature symmetric = new JsonWebSignature();
        symmetric.setPayload("{\"sub\":\"42\"}");
        symmetric.setKey(new HmacKey(KEY.getPublicKey().getEncoded()));
        symmetric.setAlgorithmHeaderValue("HS256");
        answer(symmetric.getCompactSerialization());
        assertThat(identity()).isEmpty();
    }

    @Test
    void withoutKeysNoTokenIsRead() throws JoseException {
        answer(signed("{\"sub\":\"42\"}"));
        server.at("/k", ScriptedServer.json(500, ""));

        assertThat(identity()).isEmpty();
    }

    private static String signed(String claims) throws JoseException {
        JsonWebSignature signature = new JsonWebSignature();
        signature.setPayload(claims);
        signature.setKey(KEY.getPrivateKey());
        signature.setKeyIdHeaderValue("k");
        signature.setAlgorithmHeaderValue("RS256");
        return signature.getCompactSerialization();
    }

    private void answer(String jwt) {
        Script script = ScriptedServer.reply(200, "Content-Type: application/jwt", jwt);
        server.at("/u", script);
    }

    private Optional<AccountIdentity> identity() {
        OAuthProvider oidc = Providers.provider(Providers.shipped("oidc").profile(), Duration.ofSeconds(10), discovery);
        ClientRegistration client = client(Map.of("issuer_url", server.url()));
        OAuthCredential credential = Providers.credential().withClient("my client", client.vars());
        return Providers.identity(oidc, client, credential);
    }
}
