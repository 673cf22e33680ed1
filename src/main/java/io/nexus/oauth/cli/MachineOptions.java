package io.nexus.oauth.cli;

import io.nexus.oauth.api.CredentialRequest;
import io.nexus.oauth.cli.terminal.CommandFailure;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of a machine connection, which needs no browser (RFC 6749 section 4.4). */
final class MachineOptions {

    private static final String MACHINE = "client_credentials";

    @Option(
            names = "--grant",
            paramLabel = "TYPE",
            description =
                    "client_credentials: a machine connection, for which the OAuth client asks itself. No browser opens, and"
                            + " USER_EMAIL is a name of your choice.")
    private @Nullable String grant;

    @Option(
            names = "--audience",
            paramLabel = "AUDIENCE",
            description = "The audience that the token of a machine connection is for, if the provider wants one.")
    private @Nullable String audience;

    @Option(
            names = "--resource",
            paramLabel = "URI",
            description = "An API that the token of a machine connection is for (RFC 8707). Can be repeated.")
    private @Nullable List<String> resources;

    boolean isGiven() {
        return MACHINE.equals(grant);
    }

    /** Fails for another grant, and for options that a machine connection alone has. */
    void check() {
        if (grant != null && !isGiven()) {
            throw CommandFailure.usage("--grant must be " + MACHINE + ", or left out for a person");
        }
        if (grant == null && (audience != null || resources != null)) {
            throw CommandFailure.usage("--audience and --resource need --grant " + MACHINE);
        }
    }

    CredentialRequest request(String provider, String user, @Nullable List<String> scopes) {
        return new CredentialRequest(
                provider, user, null, null, null, null, null, scopes, null, null, null, false, null, MACHINE, audience,
                resources);
    }
}
