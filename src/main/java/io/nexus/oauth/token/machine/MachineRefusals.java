package io.nexus.oauth.token.machine;

import io.nexus.oauth.credential.GrantType;
import io.nexus.oauth.credential.TokenRequest;
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

    /** Where an assertion changes the advice (RFC 7523 section 3.1). */
    private static final Map<String, String> BY_ASSERTION = Map.of(
            "client_key_missing",
                    "the registered OAuth client has no private key to sign with. Register it with private_key",
            "client_key_invalid",
                    "the provider takes no key of this algorithm. Register the client with another private_key",
            "bad_variable", "the provider does not take this subject. Correct subject",
            "invalid_grant",
                    "the provider does not accept the assertion. Check the private key and its id, the subject, and the clocks",
            "consent_required", "the subject has not allowed this OAuth client. Allow it there, once",
            "unauthorized_client",
                    "the provider does not allow this OAuth client to ask for the subject or the scopes. Allow it there",
            "unsupported_grant_type", "the provider does not support the grant jwt-bearer",
            "invalid_client",
                    "the provider does not accept the OAuth client. Correct the client id, the private key and the secret",
            "http_401",
                    "the provider does not accept the assertion. Check the client id, the private key, and the clocks",
            "endpoint_not_found", "the provider does not know the subject. Correct subject, or install the app there");

    /** Where the configuration has the client, its secret and its grant type. */
    private static final Map<String, String> BY_CONFIGURATION = Map.of(
            "invalid_client", "the server does not accept the client. Correct client-id and credentials of the client",
            "unauthorized_client",
                    "the server does not allow the client this grant. Allow it there, or correct grant.type",
            "unsupported_grant_type", "the server does not support the grant of the client. Correct grant.type",
            "invalid_scope",
                    "the server does not grant these scopes to the client. Correct scopes, or allow them there",
            "invalid_request", "the server misses a parameter, or refuses one. Check grant-options of the client",
            "invalid_grant", "the server refuses the grant of the client. Check grant.type and grant-options");

    private MachineRefusals() {}

    /** What a person has to do about {@code code}; the code itself when it is an unknown one. */
    static String advice(TokenRequest request, String code) {
        String own = own(request).get(code);
        String advice = own == null ? ADVICE.get(code) : own;
        return advice == null ? code : code + ": " + advice;
    }

    private static Map<String, String> own(TokenRequest request) {
        if (request.oidcClient() != null) {
            return BY_CONFIGURATION;
        }
        return request.grantType() == GrantType.JWT_BEARER ? BY_ASSERTION : Map.of();
    }
}
