package io.nexus.oauth.cli;

import io.nexus.oauth.api.TokenView;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Text;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that a token request takes. */
final class TokenQueryOptions {

    @Option(
            names = "--min-ttl",
            paramLabel = "SECONDS",
            description = "The time for which the token must still be valid.")
    private @Nullable Integer minTtl;

    @Option(names = "--max-wait", paramLabel = "SECONDS", description = "The longest time to wait for a refresh.")
    private @Nullable Integer maxWait;

    @Option(
            names = {"--scope", "--scopes"},
            description = "A scope that the grant must include. Can be repeated.")
    private @Nullable List<String> scopes;

    Map<String, String> query() {
        Map<String, String> query = new LinkedHashMap<>();
        ListCommand.put(query, "min_ttl", minTtl == null ? null : minTtl.toString());
        ListCommand.put(query, "max_wait", maxWait == null ? null : maxWait.toString());
        ListCommand.put(query, "scope", scopes == null ? null : String.join(" ", scopes));
        return query;
    }

    /** Prints the warning of the service, if there is one. */
    static void warn(Shell shell, TokenView token) {
        if (token.warning() != null) {
            shell.warn("the token works, but its refresh fails: " + Text.clean(token.warning()));
        }
    }
}
