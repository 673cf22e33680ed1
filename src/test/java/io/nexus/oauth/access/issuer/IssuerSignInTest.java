package io.nexus.oauth.access.issuer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.access.caller.AccessConfig;
import io.nexus.oauth.provider.egress.ForwardProxy;
import io.nexus.oauth.rest.LogCapture;
import io.nexus.oauth.testing.TestIssuer;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.config.SmallRyeConfigBuilder;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** The addresses to which the sign-in and the sign-out send a browser, by the settings and by the issuer's metadata. */
class IssuerSignInTest {

    private static final String KEY = "nexus.oauth.access.issuers.company.";
    private static final Vertx VERTX = Vertx.vertx();

    @AfterAll
    static void close() {
        VERTX.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void thePromptIsThatOfTheSettings() {
        try (TestIssuer issuer = new TestIssuer()) {
            assertThat(prompt(issuer, Map.of(), false)).isEmpty();
            assertThat(prompt(issuer, Map.of("sign-in.prompt", "login"), false)).contains("login");
            assertThat(prompt(issuer, Map.of("sign-in.prompt", "select_account,consent"), false))
                    .contains("select_account+consent");
        }
        assertThatThrownBy(() -> signIn("https://login.example.com", Map.of("sign-in.prompt", "none")))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("sign-in.prompt: must be some of [login, select_account, consent]");
    }

    @Test
    void anotherAccountIsAskedForInTheWordsOfTheIssuer() {
        try (TestIssuer issuer = new TestIssuer()) {
            assertThat(prompt(issuer, Map.of(), true)).contains("select_account");
            assertThat(prompt(issuer, Map.of("sign-in.prompt", "consent"), true))
                    .contains("select_account");
            assertThat(prompt(issuer, Map.of("sign-in.prompt", "login"), true)).contains("login");
            issuer.say("\"prompt_values_supported\": [\"none\", \"login\", \"consent\"]");
            assertThat(prompt(issuer, Map.of(), true)).contains("login");
            issuer.say("\"prompt_values_supported\": [\"login\", \"select_account\"]");
            assertThat(prompt(issuer, Map.of(), true)).contains("select_account");
        }
    }

    @Test
    void theSessionAtTheIssuerEndsByChoiceAndWhereItCan() {
        try (TestIssuer issuer = new TestIssuer()) {
            assertThat(signIn(issuer.url(), Map.of()).endsSession()).isFalse();
            IssuerSignIn signIn = signIn(issuer.url(), Map.of("sign-in.issuer-logout", "true"));
            assertThat(signIn.endsSession()).isTrue();
            assertThat(end(signIn))
                    .contains(
                            URI.create(
                                    issuer.url()
                                            + "/logout?client_id=nexus-pages&post_logout_redirect_uri=https%3A%2F%2Fnexus.example%2Fout&state=s"));
            for (String endpoint :
                    new String[] {"null", "\"javascript:alert(1)\"", "\"http://login.example.com/out\""}) {
                issuer.say("\"end_session_endpoint\": " + endpoint);
                try (LogCapture log = LogCapture.open()) {
                    assertThat(end(signIn(issuer.url(), Map.of()))).as(endpoint).isEmpty();
                    assertThat(log.lines())
                            .anyMatch(
                                    line -> line.startsWith("Sign-out at issuer company: its metadata have no usable"));
                }
            }
        }
    }

    private static Optional<URI> end(IssuerSignIn signIn) {
        return signIn.endSession("s", "https://nexus.example/out")
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    private static Optional<String> prompt(TestIssuer issuer, Map<String, String> settings, boolean another) {
        String query = signIn(issuer.url(), settings)
                .authorization(
                        new SignInRequest("state", "nonce", "verifier", "challenge", "/ui"),
                        "https://nexus.example/in",
                        another)
                .toCompletionStage()
                .toCompletableFuture()
                .join()
                .getRawQuery();
        return query.contains("&prompt=") ? Optional.of(query.replaceFirst(".*&prompt=", "")) : Optional.empty();
    }

    private static IssuerSignIn signIn(String url, Map<String, String> settings) {
        SmallRyeConfigBuilder builder = new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(AccessConfig.class)
                .withDefaultValue(KEY + "issuer", url)
                .withDefaultValue(KEY + "audience", TestIssuer.AUDIENCE)
                .withDefaultValue(KEY + "sign-in.client-id", "nexus-pages");
        settings.forEach((name, value) -> builder.withDefaultValue(KEY + name, value));
        AccessConfig config = builder.build().getConfigMapping(AccessConfig.class);
        return new TrustedIssuers(config, true, VERTX, ForwardProxy.NONE, Clock.systemUTC())
                .signIns()
                .get("company");
    }
}
