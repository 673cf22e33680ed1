package io.nexus.oauth.token.machine;

import java.util.Map;

/** What to do when a provider refuses the token request of a machine connection, by the code of RFC 6749 section 5.2. */
final class MachineRefusals {

    private static final Map<String, String> ADVICE = Map.of(
            "public_client",
                    "the registered OAuth client has no secret, so it cannot ask for itself. Register it with its secret",
            "invalid_client", "the provider does not accept the OAuth client. Correct the client id and the secret",
            "unauthorized_client",
                    "the provider does not allow this OAuth client to ask for itself. Allow client_credentials there",
            "unsupported_grant_type", "the provider does not support client_credentials",
            "invalid_scope",
                    "the provider does not grant these scopes to the OAuth client. Correct scopes, or allow them there",
            "invalid_target",
                    "the provider does not issue tokens for this resource or audience. Correct resource and audience",
            "invalid_request", "the provider misses a parameter, or refuses one. Check scopes, audience and resource",
            "access_denied", "the provider does not allow the OAuth client to use this API. Allow it there",
            "invalid_grant", "the provider refuses the OAuth client for this request. Check what it allows the client");

    private MachineRefusals() {}

    /** What a person has to do about {@code code}; the code itself when it is an unknown one. */
    static String advice(String code) {
        String advice = ADVICE.get(code);
        return advice == null ? code : code + ": " + advice;
    }
}
