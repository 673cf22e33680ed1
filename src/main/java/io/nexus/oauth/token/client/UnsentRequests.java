package io.nexus.oauth.token.client;

import java.util.Set;

/** The requests that the service refuses itself, so that they tell nothing about the provider and what it accepts. */
public final class UnsentRequests {

    private static final Set<String> CODES = Set.of(
            "public_client",
            "client_key_missing",
            "client_key_invalid",
            "client_certificate_expired",
            "client_certificate_needs_https",
            "bad_variable");

    private UnsentRequests() {}

    /** Whether {@code code} says that nothing was sent, because the client or the connection lacks something. */
    public static boolean has(String code) {
        return CODES.contains(code);
    }
}
