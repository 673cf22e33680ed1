package io.nexus.oauth.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.nexus.oauth.api.ClientRequest;
import io.nexus.oauth.api.ClientView;
import io.nexus.oauth.api.OverviewView;
import io.nexus.oauth.cli.connection.ApiClient;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Json;
import io.nexus.oauth.cli.terminal.Shell;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that describe an OAuth client, as the provider's console shows it. */
final class ClientOptions {

    @Option(names = "--client-id", description = "The client id of the OAuth client at the provider.")
    private @Nullable String clientId;

    @Option(
            names = "--client-secret",
            description =
                    "The client secret. Other users of this machine can see it: prefer --client-secret-file or the prompt.")
    private @Nullable String secret;

    @Option(
            names = "--client-secret-file",
            paramLabel = "FILE",
            description = "The file with the client secret; - for standard input.")
    private @Nullable String secretFile;

    @Option(
            names = "--second-client-secret-file",
            paramLabel = "FILE",
            description =
                    "The file with a second secret, tried if the provider rejects the first. For rotating secrets.")
    private @Nullable String secondSecretFile;

    @Option(names = "--public-client", description = "The client is public: it has no secret.")
    private boolean publicClient;

    @Option(
            names = {"--scopes", "--scope"},
            description = "A scope to request. Can be repeated.")
    private @Nullable List<String> scopes;

    @Option(
            names = "--omit-scope",
            paramLabel = "SCOPE",
            description =
                    "A base scope of the provider that is not requested, such as offline_access. Can be repeated.")
    private @Nullable List<String> omittedScopes;

    @Option(
            names = "--auth-method",
            paramLabel = "METHOD",
            description =
                    "How the client authenticates, for example private_key_jwt, tls_client_auth or client_secret_basic_raw.")
    private @Nullable String authMethod;

    @Option(
            names = "--auth-signing-alg",
            paramLabel = "ALG",
            description = "The algorithm of private_key_jwt: RS256, PS256 or ES256.")
    private @Nullable String authAlgorithm;

    @Option(
            names = "--assertion-audience",
            paramLabel = "AUDIENCE",
            description = "Whom an assertion names: issuer or token_endpoint.")
    private @Nullable String assertionAudience;

    @Option(
            names = "--private-key-file",
            paramLabel = "FILE",
            description =
                    "The file with your private key for private_key_jwt or the grant jwt-bearer, or with the key and the certificate"
                            + " chain for tls_client_auth; - for standard input. The service makes a key for private_key_jwt"
                            + " without it.")
    private @Nullable String privateKeyFile;

    @Option(
            names = "--private-key-id",
            paramLabel = "ID",
            description = "The provider's id of your private key, if the file does not name it.")
    private @Nullable String privateKeyId;

    @Option(
            names = "--redirect-uri",
            paramLabel = "URI",
            description = "The redirect URI registered at the provider, if it is not the service's own.")
    private @Nullable String redirectUri;

    @Option(
            names = "--var",
            paramLabel = "NAME=VALUE",
            description = "A variable of the provider, for example tenant=common.")
    private @Nullable Map<String, String> vars;

    @Option(
            names = "--replace",
            description = "Replace the registered client without asking, also if grants were issued to it.")
    private boolean replace;

    boolean isGiven() {
        return clientId != null;
    }

    /** The scopes as a list, or null when none is given. */
    @Nullable List<String> scopes() {
        return scopes == null
                ? null
                : scopes.stream()
                        .flatMap(text -> Arrays.stream(text.split("[ ,]+")))
                        .filter(text -> !text.isEmpty())
                        .toList();
    }

    /**
     * Registers the client for {@code provider}. Prompts for a secret, unless the same client is registered or public. Asks
     * before it replaces another client.
     */
    JsonNode register(Shell shell, ApiClient api, String provider) {
        Optional<ClientView> present = present(api, provider);
        boolean known = present.filter(this::isSame).isPresent();
        if (!known && !replace) {
            present.ifPresent(client -> confirm(shell, api, client));
        }
        return api.put(
                path(provider),
                new ClientRequest(
                        clientId,
                        readSecret(shell, known),
                        secondSecretFile == null ? null : shell.secretFrom(secondSecretFile),
                        scopes(),
                        omitted(present.filter(this::isSame)),
                        redirectUri,
                        authMethod,
                        authAlgorithm,
                        assertionAudience,
                        privateKeyFile == null ? null : shell.secretFrom(privateKeyFile),
                        privateKeyId,
                        vars));
    }

    /**
     * The base scopes to leave out: those given, else those of the same client that is registered, because the request replaces all of
     * it. One that is now asked for is not left out any more.
     */
    private @Nullable List<String> omitted(Optional<ClientView> same) {
        List<String> asked = Objects.requireNonNullElse(scopes(), List.of());
        return omittedScopes == null
                ? same.map(ClientView::omittedScopes)
                        .map(omitted -> omitted.stream()
                                .filter(scope -> !asked.contains(scope))
                                .toList())
                        .orElse(null)
                : omittedScopes.stream().filter(scope -> !scope.isEmpty()).toList();
    }

    /** A grant is bound to the client to which it was issued (RFC 6749 section 6), so a replacement ends its refreshes. */
    private void confirm(Shell shell, ApiClient api, ClientView present) {
        String provider = present.provider();
        shell.warn("an OAuth client is registered at " + provider + ". Old: "
                + described(present.clientId(), present.vars()) + "; new: "
                + described(String.valueOf(clientId), vars())
                + ".");
        shell.note("Credentials at " + provider + " with a live grant: " + grants(api, provider)
                + ". The service cannot refresh a grant with another client than the one that got it. These users have to"
                + " connect again.");
        if (!shell.terminal().in()) {
            throw CommandFailure.usage("another client is registered: --replace replaces it");
        }
        if (!shell.typed("Replace it? Type yes", "--replace replaces it without asking")
                .equalsIgnoreCase("yes")) {
            throw new CommandFailure(ExitCode.FAILED, "the client was not replaced");
        }
    }

    private static String grants(ApiClient api, String provider) {
        try {
            OverviewView overview = Json.read(api.get("/overview", Map.of()), OverviewView.class);
            return String.valueOf(overview.providers().stream()
                    .filter(counts -> provider.equals(counts.provider()))
                    .mapToLong(counts -> counts.valid() + counts.expired())
                    .sum());
        } catch (CommandFailure failure) {
            if (failure.exitCode() == ExitCode.NOT_ALLOWED) {
                return "not visible to this login";
            }
            throw failure;
        }
    }

    private static String described(String clientId, Map<String, String> vars) {
        return clientId + (vars.isEmpty() ? "" : " " + vars);
    }

    private Map<String, String> vars() {
        return Objects.requireNonNullElse(vars, Map.of());
    }

    static String path(String provider) {
        return "/clients/" + ApiClient.encode(provider);
    }

    private static Optional<ClientView> present(ApiClient api, String provider) {
        try {
            return Optional.of(Json.read(api.get(path(provider), Map.of()), ClientView.class));
        } catch (CommandFailure failure) {
            if (failure.exitCode() == ExitCode.NOT_FOUND) {
                return Optional.empty();
            }
            throw failure;
        }
    }

    /** With another id or other variables the service drops the stored secret. */
    private boolean isSame(ClientView present) {
        return present.clientId().equals(clientId) && present.vars().equals(vars());
    }

    private @Nullable String readSecret(Shell shell, boolean known) {
        if (secret != null) {
            shell.warn("other users can see a secret on the command line: use --client-secret-file FILE or the prompt");
            return secret;
        }
        if (secretFile != null) {
            return shell.secretFrom(secretFile);
        }
        if (known || publicClient || privateKeyFile != null || "none".equals(authMethod) || isKeyed()) {
            return null;
        }
        return shell.secretTyped(
                "Client secret", "use --client-secret-file FILE, or --public-client for a client without a secret");
    }

    private boolean isKeyed() {
        return List.of("private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth")
                .contains(String.valueOf(authMethod));
    }

    /** Fails for contradictory options, and for client options without --client-id. */
    void check() {
        boolean more = Stream.of(
                        secret,
                        secretFile,
                        secondSecretFile,
                        authMethod,
                        authAlgorithm,
                        assertionAudience,
                        privateKeyFile,
                        privateKeyId,
                        omittedScopes,
                        redirectUri,
                        vars)
                .anyMatch(Objects::nonNull);
        if (clientId == null && (more || publicClient)) {
            throw CommandFailure.usage("--client-id is missing");
        }
        if (secret != null && secretFile != null) {
            throw CommandFailure.usage("use either --client-secret or --client-secret-file, not both");
        }
        if (Stream.of(secretFile, secondSecretFile, privateKeyFile)
                        .filter("-"::equals)
                        .count()
                > 1) {
            throw CommandFailure.usage("only one secret can be read from standard input");
        }
    }
}
