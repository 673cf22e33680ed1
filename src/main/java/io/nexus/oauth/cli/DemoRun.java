package io.nexus.oauth.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.nexus.oauth.api.ConnectSessionRequest;
import io.nexus.oauth.api.ConnectSessionView;
import io.nexus.oauth.cli.connection.ApiClient;
import io.nexus.oauth.cli.connection.PagedList;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Json;
import io.nexus.oauth.cli.terminal.Pause;
import io.nexus.oauth.cli.terminal.Progress;
import io.nexus.oauth.cli.terminal.Shell;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/** The work of the demonstration, all of it by the API and by the pages for people. Its methods block. */
final class DemoRun {

    /** The service refreshes a token on demand when it is 30 seconds old, and the shortest one expires before that. */
    private static final Duration LIMIT = Duration.ofSeconds(50);

    private static final Duration REFRESH_INTERVAL = Duration.ofSeconds(8);
    private static final int MOST_CREDENTIALS = 1_000;
    private static final int STATES = 5;

    private final Shell shell;
    private final ApiClient api;
    private final Map<DemoAccount, UUID> connected = new LinkedHashMap<>();
    private int issued;
    private int withoutToken;

    DemoRun(Shell shell, ApiClient api) {
        this.shell = shell;
        this.api = api;
    }

    /** Connects all accounts. An account that is there already gets a new grant. */
    void connect() {
        DemoBrowser browser = new DemoBrowser();
        try (Progress progress = new Progress(shell, "accounts connected")) {
            for (DemoAccount account : DemoAccount.all()) {
                connected.put(account, connected(browser, account));
                progress.at(connected.size(), DemoAccount.all().size());
            }
        }
        connected.forEach((account, id) -> {
            if (account.isToRevoke()) {
                api.post("/credentials/" + id + "/revoke", null);
            }
        });
    }

    private UUID connected(DemoBrowser browser, DemoAccount account) {
        ConnectSessionRequest request = new ConnectSessionRequest(
                account.provider(), account.user(), null, null, null, null, false, null, null, null, null);
        ConnectSessionView session = Json.read(api.post("/connect-sessions", request), ConnectSessionView.class);
        browser.connect(Objects.requireNonNull(session.url()), account);
        ConnectSessionView ended =
                Json.read(api.get("/connect-sessions/" + session.id(), Map.of("wait", "10")), ConnectSessionView.class);
        if (ended.credentialId() == null) {
            throw new CommandFailure(
                    ExitCode.FAILED,
                    account.user() + " is not connected at " + account.provider() + ": "
                            + (ended.error() == null ? ended.status() : ended.error()));
        }
        return ended.credentialId();
    }

    /** Reads tokens until every state can be seen and every fault has happened, and for a bounded time. */
    void use() {
        Instant start = shell.clock().instant();
        Instant nextRefresh = start;
        while (!isComplete() && shell.clock().instant().isBefore(start.plus(LIMIT))) {
            if (!shell.clock().instant().isBefore(nextRefresh)) {
                nextRefresh = shell.clock().instant().plus(REFRESH_INTERVAL);
                refresh();
            }
            connected.forEach(this::read);
            Pause.seconds(1);
        }
    }

    /** A refused refresh is what this is about, so no answer ends the command. */
    private void refresh() {
        connected.forEach((account, id) -> {
            if (account.isToRefresh()) {
                api.ask(api.request("/credentials/" + id + "/refresh", Map.of()).by("POST"));
            }
        });
    }

    private void read(DemoAccount account, UUID id) {
        if (account.isToRevoke()) {
            return;
        }
        Map<String, String> query = Map.of("max_wait", "0");
        if (api.ask(api.request("/credentials/" + id + "/token", query)).status() == 200) {
            issued++;
        } else {
            withoutToken++;
        }
    }

    private boolean isComplete() {
        Set<String> states = new HashSet<>();
        long failing = 0;
        for (JsonNode each : own()) {
            states.add(each.path("state").asText());
            failing += each.path("refresh").hasNonNull("last_error") ? 1 : 0;
        }
        long faulty = connected.keySet().stream()
                .filter(account -> !account.provider().equals(DemoAccount.SANDBOX))
                .count();
        return states.size() == STATES && failing >= faulty;
    }

    /** The number of accounts in each state. */
    Map<String, Integer> states() {
        Map<String, Integer> states = new TreeMap<>();
        own().forEach(each -> states.merge(each.path("state").asText(), 1, Integer::sum));
        return states;
    }

    /** The accounts of the demonstration. */
    private List<JsonNode> own() {
        List<JsonNode> own = new ArrayList<>();
        for (String provider : DemoAccount.PROVIDERS) {
            PagedList all = new PagedList(api, "/credentials", Map.of("provider", provider), MOST_CREDENTIALS);
            all.forEachRemaining(each -> {
                if (each.path("user").asText().endsWith(DemoAccount.DOMAIN)) {
                    own.add(each);
                }
            });
        }
        return own;
    }

    /** Revokes the accounts of the demonstration. Returns their number. */
    int remove() {
        int revoked = 0;
        for (JsonNode each : own()) {
            if (!each.path("state").asText().equals("revoked")) {
                api.delete("/credentials/" + each.path("id").asText());
                revoked++;
            }
        }
        return revoked;
    }

    /** How many requests got a token. */
    int issued() {
        return issued;
    }

    /** How many requests got none. */
    int withoutToken() {
        return withoutToken;
    }
}
