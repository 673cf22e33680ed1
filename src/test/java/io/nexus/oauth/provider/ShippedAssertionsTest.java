package io.nexus.oauth.provider;

import static io.nexus.oauth.provider.Providers.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.assertion.ClientAssertions;
import io.nexus.oauth.provider.assertion.ClientKey;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.entry.JwtBearer;
import io.nexus.oauth.provider.metadata.Discovery;
import io.nexus.oauth.provider.metadata.MetadataCache;
import java.net.URI;
import java.util.Map;
import org.jose4j.json.JsonUtil;
import org.jose4j.jws.JsonWebSignature;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The assertions of the shipped providers: the address, the claims, the lifetime and the key id, as the vendors document them. */
class ShippedAssertionsTest {

    private static final ClientKey KEY = ClientKey.make(ClientKey.Algorithm.RS256);

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "google-service-account | | https://oauth2.googleapis.com/token | {\"iss\":\"my client\",\"scope\":\"a b\",\"aud\":\"https://oauth2.googleapis.com/token\"} | 60 | true",
                "google-service-account | ann@a.example | https://oauth2.googleapis.com/token | {\"iss\":\"my client\",\"sub\":\"ann@a.example\",\"scope\":\"a b\",\"aud\":\"https://oauth2.googleapis.com/token\"} | 60 | true",
                "salesforce | ann@a.example | https://login.salesforce.com/services/oauth2/token | {\"iss\":\"my client\",\"sub\":\"ann@a.example\",\"aud\":\"https://login.salesforce.com\"} | 60 | false",
                "docusign | 11111111-2222-3333-4444-555555555555 | https://account.docusign.com/oauth/token | {\"iss\":\"my client\",\"sub\":\"11111111-2222-3333-4444-555555555555\",\"aud\":\"account.docusign.com\",\"scope\":\"a b\"} | 60 | false",
                "box | 4711 | https://api.box.com/oauth2/token | {\"iss\":\"my client\",\"sub\":\"4711\",\"box_sub_type\":\"enterprise\",\"aud\":\"https://api.box.com/oauth2/token\"} | 45 | true",
                "github-installation | 4711 | https://api.github.com/app/installations/4711/access_tokens | {\"iss\":\"my client\"} | 300 | false"
            })
    void areAsTheVendorsDocumentThem(
            String provider, String subject, String address, String claims, long lifetime, boolean named)
            throws Exception {
        ProviderProfile profile = Providers.shipped(provider).profile();
        JwtBearer grant = profile.jwtBearer();
        Endpoints endpoints = new Endpoints(
                profile,
                new Discovery(Providers.WIRE, new MetadataCache(Providers.CLOCK), Providers.RULE),
                Providers.RULE,
                new ClientAssertions(Providers.VERTX, Providers.CLOCK),
                Providers.CLOCK);
        TemplateVariables vars = endpoints
                .variables(Providers.client(), Map.of())
                .with("subject", subject)
                .with("scope", "a b");

        URI url = await(endpoints.token(vars, grant.call()));
        Secret jwt = await(endpoints.grant(vars, grant, KEY, url));

        assertThat(grant.subject().fault(subject)).isEmpty();
        assertThat(url).hasToString(address);
        JsonWebSignature signed = new JsonWebSignature();
        signed.setCompactSerialization(jwt.reveal());
        Map<String, Object> sent = JsonUtil.parseJson(signed.getUnverifiedPayload());
        assertThat(signed.getKeyIdHeaderValue()).isEqualTo(named ? KEY.id() : null);
        assertThat(sent.remove("exp")).isEqualTo(Providers.NOW.getEpochSecond() + lifetime);
        sent.remove("iat");
        sent.remove("jti");
        assertThat(sent).isEqualTo(JsonUtil.parseJson(claims));
    }

    @ParameterizedTest
    @CsvSource({
        "google-service-account, not an address",
        "salesforce, ann",
        "docusign, ann@a.example",
        "box, 4711/../1",
        "github-installation, ..",
        "github-installation, 1?x"
    })
    void takeNoSubjectOfAnotherForm(String provider, String subject) {
        assertThat(Providers.shipped(provider).profile().jwtBearer().subject().fault(subject))
                .isPresent();
    }
}
