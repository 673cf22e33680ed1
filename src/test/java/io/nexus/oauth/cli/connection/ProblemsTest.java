package io.nexus.oauth.cli.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.cli.terminal.CommandFailure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A failure is said once, and the next step follows. */
class ProblemsTest {

    private static CommandFailure failure(int status, String body) {
        return Problems.of(new ApiAnswer(status, null, body));
    }

    private static String problem(String slug, String title, String detail, String code) {
        return """
                {"type": "urn:nexus-oauth:problem:%s", "title": "%s", "status": 400, "detail": "%s", "code": %s}
                """.formatted(slug, title, detail, code == null ? "null" : '"' + code + '"');
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "credential-not-found | There is no such credential | there is no such credential | | "
                        + "there is no such credential. 'nexus oauth list' shows the accounts",
                "provider-misconfigured | The provider is misconfigured here | the provider google is misconfigured: no OAuth"
                        + " client is registered for it | client_not_registered | the provider google is misconfigured: no OAuth"
                        + " client is registered for it (client_not_registered). Register one with 'nexus oauth clients set', or"
                        + " connect with --client-id",
                "forbidden | The caller may not do this | needs a role | | The caller may not do this: needs a role"
            })
    void aFailureIsSaidOnceAndTheNextStepFollows(String slug, String title, String detail, String code, String text) {
        assertThat(failure(400, problem(slug, title, detail, code)).text()).isEqualTo(text);
    }

    @Test
    void anAnswerThatIsNoProblemIsTold() {
        assertThat(failure(502, "<html>").text()).isEqualTo("the service answered with HTTP status 502");
    }

    @ParameterizedTest
    @CsvSource({
        "https://oauth.example.com/api/v1, https://oauth.example.com",
        "http://127.0.0.1:8080/ui/, http://127.0.0.1:8080",
        "https://example.com/oauth/api/v1, https://example.com/oauth"
    })
    void anAddressInsideTheServiceIsRefusedWithTheOneThatIsMeant(String typed, String meant) {
        assertThatThrownBy(() -> ServerOptions.uri(typed))
                .isInstanceOf(CommandFailure.class)
                .extracting(failure -> ((CommandFailure) failure).text())
                .asString()
                .endsWith("name the service itself, " + meant);
        assertThat(ServerOptions.uri(meant)).hasToString(meant);
    }
}
