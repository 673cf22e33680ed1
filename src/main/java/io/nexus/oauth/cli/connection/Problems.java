package io.nexus.oauth.cli.connection;

import io.nexus.oauth.api.Problem;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Json;
import io.nexus.oauth.cli.terminal.Text;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Translates problem details (RFC 9457) into messages and exit codes. */
public final class Problems {

    private static final String PREFIX = "urn:nexus-oauth:problem:";

    /** Problems that only the user of the account can solve, by reconnecting. */
    private static final Set<String> RECONNECT =
            Set.of("reauthorization-required", "insufficient-scope", "credential-revoked");

    /** The next step, by problem type or code. */
    private static final Map<String, String> NEXT = Map.of(
            "unauthorized",
            ". Log in with 'nexus oauth login', or check NEXUS_API_KEY(_FILE) and NEXUS_TOKEN(_FILE)",
            "credential-not-found",
            ". 'nexus oauth list' shows the accounts",
            "client_not_registered",
            ". Register one with 'nexus oauth clients set', or connect with --client-id");

    private Problems() {}

    /** The failure for an answer that is not 2xx. */
    public static CommandFailure of(ApiAnswer answer) {
        int status = answer.status();
        Problem problem = read(answer.body());
        String slug =
                problem == null || problem.type() == null ? "" : problem.type().replace(PREFIX, "");
        Duration wait = answer.pause().orElse(null);
        String code = problem == null || problem.code() == null ? "" : problem.code();
        String text = text(status, problem, slug, wait) + NEXT.getOrDefault(slug, NEXT.getOrDefault(code, ""));
        return new CommandFailure(exitCode(status, slug), text, wait, problem != null);
    }

    static int exitCode(int status, String slug) {
        if (RECONNECT.contains(slug)) {
            return ExitCode.RECONNECT;
        }
        return switch (status) {
            case 400 -> ExitCode.USAGE;
            case 401, 403 -> ExitCode.NOT_ALLOWED;
            case 404 -> ExitCode.NOT_FOUND;
            case 429, 503 -> ExitCode.UNAVAILABLE;
            default -> ExitCode.FAILED;
        };
    }

    private static String text(int status, @Nullable Problem problem, String slug, @Nullable Duration wait) {
        if (problem == null) {
            return "the service answered with HTTP status " + status;
        }
        StringBuilder text = new StringBuilder(Text.clean(what(problem, slug)));
        if (problem.missingScopes() != null) {
            text.append(", missing scopes: ").append(Text.clean(String.join(" ", problem.missingScopes())));
        }
        if (problem.code() != null) {
            text.append(" (").append(Text.clean(problem.code())).append(')');
        }
        if (RECONNECT.contains(slug)) {
            text.append("; reconnect with: nexus oauth connect");
        }
        if (wait != null) {
            text.append("; retry in ").append(wait.toSeconds()).append(" s");
        }
        return text.toString();
    }

    /** The failure in words; nothing is said twice. */
    private static String what(Problem problem, String slug) {
        String title = problem.title();
        String detail = problem.detail();
        if (problem.errors() != null && !problem.errors().isEmpty()) {
            return problem.errors().stream()
                    .map(error -> error.pointer() + " " + error.detail())
                    .collect(Collectors.joining("; ", title + ": ", ""));
        }
        // the detail of a provider's problem names the provider, and begins like the title
        if (slug.startsWith("provider-") || detail.regionMatches(true, 0, title, 0, title.length())) {
            return detail;
        }
        return RECONNECT.contains(slug) ? title : title + ": " + detail;
    }

    private static @Nullable Problem read(String body) {
        try {
            Problem problem = Json.MAPPER.readValue(body, Problem.class);
            return problem == null || problem.title() == null || problem.detail() == null ? null : problem;
        } catch (IOException e) {
            return null;
        }
    }
}
