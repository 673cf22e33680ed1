package io.nexus.oauth.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.nexus.oauth.cli.connection.PagedList;
import io.nexus.oauth.cli.connection.ServerCommand;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.FirstItems;
import io.nexus.oauth.cli.terminal.OutputOptions;
import io.nexus.oauth.cli.terminal.Shell;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Spliterators;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "list", description = "List the tenant's credentials, except revoked ones.")
final class ListCommand extends ServerCommand {

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Option(names = "--provider", description = "Only credentials at this provider.")
    private @Nullable String provider;

    @Option(
            names = {"--user", "--user-email"},
            description = "Only credentials of this user.")
    private @Nullable String user;

    @Option(
            names = "--user-prefix",
            paramLabel = "TEXT",
            description = "Only credentials of users whose name begins with this text, in the order of users.")
    private @Nullable String userPrefix;

    @Option(
            names = "--order",
            paramLabel = "ORDER",
            description = "oldest (the default), newest or user.",
            completionCandidates = Orders.class)
    private @Nullable String order;

    @Option(
            names = "--state",
            paramLabel = "STATE",
            description = "Only credentials in this state: valid, expiring, expired, reconnect_required or revoked.",
            completionCandidates = States.class)
    private @Nullable String state;

    /** The filter before there were states. */
    @Option(names = "--status", hidden = true)
    private @Nullable String status;

    @Option(
            names = {"-a", "--all"},
            description = "Include revoked credentials.")
    private boolean all;

    @Option(
            names = "--limit",
            converter = Count.class,
            description = "Show only the first N credentials.",
            paramLabel = "N")
    private long limit = Long.MAX_VALUE;

    /** For completion. */
    static final class States extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        States() {
            super(List.of("valid", "expiring", "expired", "reconnect_required", "revoked"));
        }
    }

    /** For completion. */
    static final class Orders extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Orders() {
            super(List.of("oldest", "newest", "user"));
        }
    }

    ListCommand(Shell shell) {
        super(shell);
    }

    @Override
    public Integer call() {
        Map<String, String> query = new LinkedHashMap<>();
        put(query, "provider", provider);
        put(query, "user", user);
        put(query, "user_prefix", userPrefix);
        put(query, "order", order);
        put(query, "state", state);
        put(query, "status", status);
        output.print(
                shell, Listings.CREDENTIALS, () -> wanted(new PagedList(api(), "/credentials", query, Long.MAX_VALUE)));
        return ExitCode.OK;
    }

    private Iterator<JsonNode> wanted(PagedList found) {
        Iterator<JsonNode> wanted = StreamSupport.stream(Spliterators.spliteratorUnknownSize(found, 0), false)
                .filter(credential -> all
                        || state != null
                        || status != null
                        || !credential.path("status").asText().equals("revoked"))
                .iterator();
        return new FirstItems(wanted, limit);
    }

    static void put(Map<String, String> query, String name, @Nullable String value) {
        if (value != null) {
            query.put(name, value);
        }
    }
}
