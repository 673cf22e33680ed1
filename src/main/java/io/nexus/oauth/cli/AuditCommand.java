package io.nexus.oauth.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.nexus.oauth.api.AuditLookupRequest;
import io.nexus.oauth.api.AuditVerificationView;
import io.nexus.oauth.cli.connection.PagedList;
import io.nexus.oauth.cli.connection.ServerCommand;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.FirstItems;
import io.nexus.oauth.cli.terminal.Json;
import io.nexus.oauth.cli.terminal.OutputOptions;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Text;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "audit",
        description = "Show the audit trail: the entries since --from, by default of the last day, newest first. With"
                + " --watch oldest first.")
final class AuditCommand extends ServerCommand {

    @Mixin
    private OutputOptions output = new OutputOptions();

    @Mixin
    private Filter filter = new Filter();

    @Option(
            names = "--limit",
            paramLabel = "N",
            converter = Count.class,
            description = "Show only the first N entries.")
    private long limit = Long.MAX_VALUE;

    AuditCommand(Shell shell) {
        super(shell);
    }

    @Override
    public Integer call() {
        Map<String, String> query = filter.query(shell);
        query.putIfAbsent("from", Text.time(shell.clock().instant().minus(Duration.ofDays(1))));
        if (output.isWatch()) {
            output.print(
                    shell, Listings.AUDIT, () -> new Following(new PagedList(api(), "/audit", query, limit), query));
        } else {
            query.put("order", "newest");
            PagedList found = new PagedList(api(), "/audit", query, Math.max(limit, limit + 1));
            output.print(shell, Listings.AUDIT, () -> new FirstItems(found, limit));
        }
        return ExitCode.OK;
    }

    /** Entries of the trail. Moves the cursor of {@code query} along, so that --watch continues after the last entry. */
    private record Following(Iterator<JsonNode> lines, Map<String, String> query) implements Iterator<JsonNode> {

        @Override
        public boolean hasNext() {
            return lines.hasNext();
        }

        @Override
        public JsonNode next() {
            JsonNode line = lines.next();
            query.put("cursor", line.path("id").asText());
            return line;
        }
    }

    /** Selects entries of the trail. */
    static final class Filter {

        @Option(names = "--operation", description = "Only this operation, for example token_handed_out.")
        private @Nullable String operation;

        @Option(names = "--provider", description = "Only credentials at this provider.")
        private @Nullable String provider;

        @Option(
                names = {"--user", "--user-email"},
                description = "Only credentials of this user.")
        private @Nullable String user;

        @Option(names = "--credential-id", description = "Only this credential.")
        private @Nullable String credential;

        @Option(names = "--actor", description = "Only actions of this caller.")
        private @Nullable String actor;

        @Option(
                names = "--from",
                paramLabel = "TIME",
                description = "Only entries since this time: RFC 3339, or an age such as 2h.")
        private @Nullable String from;

        @Option(
                names = "--to",
                paramLabel = "TIME",
                description = "Only entries before this time: RFC 3339, or an age such as 2h.")
        private @Nullable String to;

        Map<String, String> query(Shell shell) {
            Map<String, String> query = new LinkedHashMap<>();
            ListCommand.put(query, "operation", operation);
            ListCommand.put(query, "provider", provider);
            ListCommand.put(query, "user", user);
            ListCommand.put(query, "credential_id", credential);
            ListCommand.put(query, "actor", actor);
            ListCommand.put(query, "from", time(shell, from));
            ListCommand.put(query, "to", time(shell, to));
            return query;
        }

        /** Turns an age such as {@code 2h} into a time. Any other text goes to the service as it is, which validates it. */
        private static @Nullable String time(Shell shell, @Nullable String text) {
            if (text == null || !text.matches("[0-9]{1,6}[smhd]")) {
                return text;
            }
            return Text.time(shell.clock().instant().minus(Text.duration(text)));
        }
    }

    @Command(name = "export", description = "Write the audit trail to standard output, as JSON Lines or CSV.")
    static final class Export extends ServerCommand {

        @Mixin
        private Filter filter = new Filter();

        @Option(names = "--csv", description = "Write CSV instead of JSON Lines.")
        private boolean csv;

        Export(Shell shell) {
            super(shell);
        }

        @Override
        public Integer call() throws IOException {
            var request = api().request("/audit/export", filter.query(shell))
                    .header("Accept", csv ? "text/csv" : "application/x-ndjson");
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(api().stream(request), StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    shell.out().print(shell.shown(line) + (csv ? "\r\n" : "\n"));
                    shell.checkOut();
                }
            } catch (IOException e) {
                throw new CommandFailure(
                        ExitCode.FAILED, "the export was interrupted and is incomplete: " + e.getMessage());
            }
            return ExitCode.OK;
        }
    }

    @Command(
            name = "lookup",
            description = "Find the callers that received a leaked token. The token is read from a file or typed.")
    static final class Lookup extends ServerCommand {

        @Mixin
        private OutputOptions output = new OutputOptions();

        @Parameters(arity = "0..1", paramLabel = "FILE", description = "The file with the token; - for standard input.")
        private @Nullable String file;

        Lookup(Shell shell) {
            super(shell);
        }

        @Override
        public Integer call() {
            String token = file != null
                    ? shell.secretFrom(file)
                    : shell.secretTyped("Token", "name a file with the token, or - for standard input");
            JsonNode found = api().post("/audit/lookup", new AuditLookupRequest(token));
            output.print(shell, Listings.AUDIT, found.path("items")::iterator);
            return ExitCode.OK;
        }
    }

    @Command(
            name = "verify",
            description = "Verify the integrity of the audit trail. The exit code is 1 if an entry was changed.")
    static final class Verify extends ServerCommand {

        @Option(
                names = "--anchor",
                description = "The anchor of an earlier verification. It reveals entries that were cut off since.")
        private @Nullable String anchor;

        Verify(Shell shell) {
            super(shell);
        }

        @Override
        public Integer call() {
            Map<String, String> query = new LinkedHashMap<>();
            ListCommand.put(query, "anchor", anchor);
            long checked = 0;
            while (true) {
                var part = Json.read(api().get("/audit/verify", query), AuditVerificationView.class);
                checked += part.checked();
                if (part.fault() != null) {
                    shell.out()
                            .println(shell.terminal().mark(false) + " The audit trail was changed: "
                                    + Text.clean(words(part.fault())));
                    return ExitCode.FAILED;
                }
                if (part.next() == null) {
                    shell.out().println(shell.terminal().mark(true) + " Intact: " + Text.counted(checked, "line"));
                    shell.out().println("anchor\t" + Text.clean(part.anchor()));
                    return ExitCode.OK;
                }
                query.put("cursor", part.next());
            }
        }

        private static String words(AuditVerificationView.Fault fault) {
            String line = fault.id() == null ? "" : ", line " + fault.id();
            return fault.kind() + " at position " + fault.seq() + line;
        }
    }
}
