package io.nexus.oauth.provider.oidc;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.TokenRequest;
import io.quarkus.oidc.client.runtime.OidcClientConfig;
import io.quarkus.oidc.client.runtime.OidcClientsConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The clients of the extension that a connection can use. */
class OidcClientRulesTest {

    private static final String WHOLE = "auth-server-url=https://as.example client-id=c ";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "credentials.secret=s",
                "credentials.jwt.key-file=key.pem",
                "credentials.jwt.source=bearer credentials.jwt.token-path=/run/token",
                "grant.type=password grant-options.password.username=u grant-options.password.password=p",
                "grant.type=exchange grant-options.exchange.subject_token=t",
                "grant.type=jwt grant-options.jwt.assertion=a",
                "grant.type=jwt credentials.jwt.assertion=true credentials.jwt.key-file=key.pem",
                "discovery-enabled=false token-path=/token",
            })
    void aWholeClientCanBeUsed(String settings) {
        assertThat(OidcClientRules.fault("x", client(WHOLE + settings))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "client-enabled=false                                    | is switched off by client-enabled",
                "grant.type=code                                         | has the grant code, which needs another value",
                "grant.type=refresh                                      | has the grant refresh, which needs another value",
                "grant.type=ciba                                         | has the grant ciba, which needs another value",
                "grant.type=device                                       | has the grant device, which needs another value",
                "grant.type=password grant-options.password.username=u   | misses grant-options.password.username and grant-options",
                "grant.type=exchange                                     | misses grant-options.exchange.subject_token",
                "grant.type=jwt                                          | or credentials.jwt.assertion=true",
                "credentials.secret=s credentials.jwt.secret=t           | is not complete: Use only",
                "absolute-expires-in=true                                | describes the response",
                "access-token-expires-in=5m                              | describes the response",
                "grant.access-token-property=token                       | describes the response",
                "scopes=e\"mail                                          | has scopes or audience that",
            })
    void aFaultIsNamed(String settings, String fault) {
        assertThat(OidcClientRules.fault("x", client(WHOLE + settings)).orElseThrow())
                .contains(fault)
                .doesNotContain("=s");
    }

    @Test
    void itNeedsAnAddressAndAClientId() {
        assertThat(OidcClientRules.fault("x", client("client-id=c token-path=/token")))
                .contains("has neither auth-server-url nor an absolute token-path");
        assertThat(OidcClientRules.fault("x", client("client-id=c auth-server-url=nowhere")))
                .contains("has an auth-server-url or token-path that is no URL");
        assertThat(OidcClientRules.fault("x", client("auth-server-url=https://as.example"))
                        .orElseThrow())
                .startsWith("is not complete: 'quarkus.oidc-client.client-id'");
    }

    @Test
    void callersSeeWhatItRequests() {
        assertThat(OidcClientRules.request("x", client(WHOLE + "scopes=a,b audience=c,d")))
                .isEqualTo(TokenRequest.ofOidcClient("x", Scopes.of(List.of("a", "b")), "c d"));
    }

    private static OidcClientConfig client(String settings) {
        SmallRyeConfigBuilder config =
                new SmallRyeConfigBuilder().addDiscoveredConverters().withMapping(OidcClientsConfig.class);
        for (String setting : settings.strip().split(" +")) {
            String[] pair = setting.split("=", 2);
            config.withDefaultValue("quarkus.oidc-client.x." + pair[0], pair[1]);
        }
        return config.build()
                .getConfigMapping(OidcClientsConfig.class)
                .namedClients()
                .get("x");
    }
}
