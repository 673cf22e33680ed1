package io.nexus.oauth.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.nexus.oauth.api.ClientRequest;
import io.nexus.oauth.api.ClientView;
import io.nexus.oauth.cli.connection.ApiClient;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Json;
import io.nexus.oauth.cli.terminal.Shell;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** An OAuth client as the user has it from the provider's console. */
final class ClientOptions {

    @Option(names = "--client-id", description = "The OAuth client's id at the provider.")
    private @Nullable String clientId;

    @Option(
            names = "--client-secret",
            description =
                    "Its secret. Other users of this machine can see it: better --client-secret-file, or type it.")
    private @Nullable String secret;

    @Option(
            names = "--client-secret-file",
            paramLabel = "FILE",
            description = "The file with its secret; - is standard input.")
    private @Nullable String secretFile;

    @Option(
            names = "--second-client-secret-file",
            paramLabel = "FILE",
            description =
                    "The file with the secret to try when the provider refuses the first, for the time of a change.")
    private @Nullable String secondSecretFile;

    @Option(names = "--public-client", description = "It has no secret.")
    private boolean publicClient;

    @Option(
            names = {"--scopes", "--scope"},
            description = "What to ask for; may be repeated.")
    private @Nullable List<String> scopes;

    @Option(
            names = "--redirect-uri",
            paramLabel = "URI",
            description = "The redirect URI that is registered there, when it is not the service's own.")
    private @Nullable String redirectUri;

    @Option(
            names = "--var",
            paramLabel = "NAME=VALUE",
            description = "A variable of the provider, for instance tenant=common.")
    private @Nullable Map<String, String> vars;

    boolean isGiven() {
        return clientId != null;
    }

    /** The scopes, one for each word. */
    @Nullable List<String> scopes() {
        return scopes == null
                ? null
                : scopes.stream()
                        .flatMap(text -> Arrays.stream(text.split("[ ,]+")))
                        .filter(text -> !text.isEmpty())
                        .toList();
    }

    /** Registers it at {@code provider}. The stored secret of the same client stays when none is given; else one is asked for. */
    JsonNode register(Shell shell, ApiClient api, String provider) {
        boolean known = isRegistered(api, provider);
        return api.put(
                path(provider),
                new ClientRequest(
                        clientId,
                        readSecret(shell, known),
                        secondSecretFile == null ? null : shell.secretFrom(secondSecretFile),
                        scopes(),
                        redirectUri,
                        vars));
    }

    static String path(String provider) {
        return "/clients/" + ApiClient.encode(provider);
    }

    /** Whether it is the client that is registered: with another id or other variables the service keeps no secret. */
    private boolean isRegistered(ApiClient api, String provider) {
        try {
            ClientView present = Json.read(api.get(path(provider), Map.of()), ClientView.class);
            return present.clientId().equals(clientId)
                    && present.vars().equals(Objects.requireNonNullElse(vars, Map.of()));
        } catch (CommandFailure failure) {
            if (failure.exitCode() == ExitCode.NOT_FOUND) {
                return false;
            }
            throw failure;
        }
    }

    private @Nullable String readSecret(Shell shell, boolean known) {
        if (secret != null) {
            shell.warn("a secret on the command line can be seen by others: --client-secret-file FILE, or type it");
            return secret;
        }
        if (secretFile != null) {
            return shell.secretFrom(secretFile);
        }
        if (known || publicClient) {
            return null;
        }
        return shell.secretTyped("Client secret", "--client-secret-file FILE, or --public-client when it has none");
    }

    /** Refuses what makes no sense without a client. */
    void check() {
        boolean more = Stream.of(secret, secretFile, secondSecretFile, redirectUri, vars)
                .anyMatch(Objects::nonNull);
        if (clientId == null && (more || publicClient)) {
            throw CommandFailure.usage("--client-id is missing");
        }
        if (secret != null && secretFile != null) {
            throw CommandFailure.usage("--client-secret or --client-secret-file, not both");
        }
        if ("-".equals(secretFile) && "-".equals(secondSecretFile)) {
            throw CommandFailure.usage("one secret can come from standard input, not two");
        }
    }
}
