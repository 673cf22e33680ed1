package io.nexus.oauth.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.nexus.oauth.api.TokenView;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Json;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Text;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "token", description = "Print a valid access token.")
final class TokenCommand extends AccountCommand {

    private static final Set<String> EXEC_CREDENTIAL_VERSIONS =
            Set.of("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1");

    @Mixin
    private TokenQueryOptions tokenQuery = new TokenQueryOptions();

    @Option(names = "-n", description = "Print no newline after the token.")
    private boolean noNewline;

    @Option(
            names = "--header",
            description = {
                "Print the whole Authorization header.",
                "For example: curl -H @<(nexus oauth token --header google alice@example.com) URL"
            })
    private boolean header;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            description = {
                "json: the whole answer of the service, including the token.",
                "exec-credential: the format of a kubectl credential plugin."
            })
    private Form form = Form.TOKEN;

    /** The output format. */
    enum Form {
        /** The token alone. */
        TOKEN,
        /** The answer of the service. */
        JSON,
        /** An {@code ExecCredential} of Kubernetes. */
        EXEC_CREDENTIAL;

        /** The name on the command line. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    TokenCommand(Shell shell) {
        super(shell);
    }

    @Override
    public Integer call() {
        JsonNode answer = token(tokenQuery.query());
        TokenView token = Json.read(answer, TokenView.class);
        TokenQueryOptions.warn(shell, token);
        String text = switch (form) {
            case TOKEN -> header ? token.header() + " " + token.accessToken() : token.accessToken();
            case JSON -> shell.shown(answer.toString());
            case EXEC_CREDENTIAL -> execCredential(token);
        };
        shell.out().print(noNewline ? text : text + "\n");
        return ExitCode.OK;
    }

    /** An {@code ExecCredential} in the API version that kubectl requests. */
    private String execCredential(TokenView token) {
        Map<String, String> status = new LinkedHashMap<>();
        if (token.expiresAt() != null) {
            status.put("expirationTimestamp", Text.time(token.expiresAt()));
        }
        status.put("token", token.accessToken());
        Map<String, Object> credential = new LinkedHashMap<>();
        credential.put(
                "apiVersion",
                requestedVersion()
                        .filter(EXEC_CREDENTIAL_VERSIONS::contains)
                        .orElse("client.authentication.k8s.io/v1"));
        credential.put("kind", "ExecCredential");
        credential.put("status", status);
        return Json.write(credential);
    }

    private Optional<String> requestedVersion() {
        try {
            return Optional.of(
                    Json.parse(shell.env("KUBERNETES_EXEC_INFO").orElse("{}").getBytes(StandardCharsets.UTF_8))
                            .path("apiVersion")
                            .asText());
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
