package io.nexus.oauth.cli.connection;

import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Shell;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The login of a caller: a secret, or the file that holds it. A file is read for each request, because Kubernetes renews the
 * tokens of service accounts in their files.
 *
 * @param secret the API key or token, or null
 * @param file the file with it, or null
 */
public record Login(@Nullable String secret, @Nullable String file) {

    /** The login that the environment sets. A token wins over an API key, a value over a file. */
    static Optional<Login> ofEnvironment(Shell shell) {
        return shell.env("NEXUS_TOKEN")
                .map(Login::ofSecret)
                .or(() -> shell.env("NEXUS_TOKEN_FILE").map(Login::ofFile))
                .or(() -> shell.env("NEXUS_API_KEY").map(Login::ofSecret))
                .or(() -> shell.env("NEXUS_API_KEY_FILE").map(Login::ofFile));
    }

    public static Login ofSecret(String secret) {
        return new Login(secret, null);
    }

    static Login ofFile(String file) {
        return new Login(null, file);
    }

    /** The value of the header {@code Authorization}: API keys and tokens are both sent as bearer credentials. */
    String header(Shell shell) {
        String text = secret != null ? secret : shell.secretFrom(file == null ? "" : file);
        if (!text.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
            throw new CommandFailure(ExitCode.NOT_ALLOWED, "the API key or token contains invalid characters");
        }
        return "Bearer " + text;
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return file == null ? "a stored secret" : "the file " + file;
    }
}
