package io.nexus.oauth.cli;

import io.nexus.oauth.api.CredentialRequest;
import io.nexus.oauth.cli.terminal.CommandFailure;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of a machine connection, which needs no browser (RFC 6749 section 4.4, RFC 7523 section 2.1). */
final class MachineOptions {

    private static final String CLIENT_CREDENTIALS = "client_credentials";
    private static final String BEARER = "jwt-bearer";
    private static final String BEARER_URN = "urn:ietf:params:oauth:grant-type:" + BEARER;

    @Option(
            names = "--grant",
            paramLabel = "TYPE",
            description =
                    "A machine connection: client_credentials, for which the OAuth client asks itself, or jwt-bearer, for which its"
                            + " private key signs assertions. No browser opens, and USER_EMAIL is a name of your choice.")
    private @Nullable String grant;

    @Option(
            names = "--audience",
            paramLabel = "AUDIENCE",
            description = "The audience that the token of a machine connection is for, if the provider wants one.")
    private @Nullable String audience;

    @Option(
            names = "--resource",
            paramLabel = "URI",
            description = "An API that the token is for (RFC 8707). Can be repeated.")
    private @Nullable List<String> resources;

    @Option(
            names = "--subject",
            paramLabel = "SUBJECT",
            description =
                    "For whom the client asks with jwt-bearer, as the provider wants it: a user, an organization, an installation.")
    private @Nullable String subject;

    boolean isGiven() {
        return CLIENT_CREDENTIALS.equals(grant) || isBearer();
    }

    private boolean isBearer() {
        return BEARER.equals(grant) || BEARER_URN.equals(grant);
    }

    /** Fails for another grant, and for options that a machine connection alone has. */
    void check() {
        if (grant != null && !isGiven()) {
            throw CommandFailure.usage(
                    "--grant must be " + CLIENT_CREDENTIALS + " or " + BEARER + ", or left out for a person");
        }
        if (grant == null && audience != null) {
            throw CommandFailure.usage("--audience needs --grant " + CLIENT_CREDENTIALS + " or " + BEARER);
        }
        if (subject != null && !isBearer()) {
            throw CommandFailure.usage("--subject needs --grant " + BEARER);
        }
    }

    @Nullable List<String> resources() {
        return resources;
    }

    CredentialRequest request(String provider, String user, @Nullable List<String> scopes) {
        return new CredentialRequest(
                provider,
                user,
                null,
                null,
                null,
                null,
                null,
                scopes,
                null,
                null,
                null,
                false,
                null,
                isBearer() ? BEARER_URN : CLIENT_CREDENTIALS,
                audience,
                resources,
                subject);
    }
}
