package io.nexus.oauth.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.nexus.oauth.api.CredentialView;
import io.nexus.oauth.cli.connection.PagedList;
import io.nexus.oauth.cli.connection.ServerCommand;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Json;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Text;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Parameters;

/** A command for one account. The user names it by provider and user, or by the id of its credential. */
abstract class AccountCommand extends ServerCommand {

    @Parameters(index = "0", paramLabel = "PROVIDER|ID", description = "The provider, or the id of the credential.")
    private String provider = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "USER_EMAIL", description = "The user who owns the account.")
    private @Nullable String user;

    AccountCommand(Shell shell) {
        super(shell);
    }

    /** The account for messages: {@code provider:user}, or the id. */
    final String label() {
        return user == null ? provider : provider + ":" + user;
    }

    final boolean isById() {
        return user == null;
    }

    /** The credential without its secrets. Fails with {@link ExitCode#NOT_FOUND} when there is none. */
    final JsonNode credential() {
        if (isById()) {
            return api().get("/credentials/" + id(), Map.of());
        }
        PagedList found = new PagedList(api(), "/credentials", account(), 1);
        if (!found.hasNext()) {
            throw new CommandFailure(ExitCode.NOT_FOUND, "Credential not found: " + Text.clean(label()));
        }
        return found.next();
    }

    /** The path of the credential in the API. */
    final String path() {
        return "/credentials/"
                + (isById()
                        ? id()
                        : Json.read(credential(), CredentialView.class).id().toString());
    }

    /** The service's answer to a token request with the query parameters {@code tokenQuery}. */
    final JsonNode token(Map<String, String> tokenQuery) {
        if (isById()) {
            return api().get("/credentials/" + id() + "/token", tokenQuery);
        }
        Map<String, String> query = new LinkedHashMap<>(account());
        query.putAll(tokenQuery);
        return api().get("/token", query);
    }

    private Map<String, String> account() {
        return Map.of("provider", provider, "user", user == null ? "" : user);
    }

    private String id() {
        try {
            return UUID.fromString(provider).toString();
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage("name the account as PROVIDER USER_EMAIL, or as the id of its credential");
        }
    }
}
