package io.nexus.oauth.sandbox;

import jakarta.ws.rs.core.MultivaluedMap;
import java.util.List;
import java.util.Optional;

/**
 * The parameters of a request (RFC 6749 sections 3.1 and 3.2): an empty parameter counts as omitted, and none may be
 * repeated.
 *
 * @param map the parameters as received
 */
record Parameters(MultivaluedMap<String, String> map) {

    Optional<String> find(String name) {
        List<String> values = map.getOrDefault(name, List.of());
        if (values.size() > 1) {
            throw OAuthError.invalidRequest(name + " is given more than once");
        }
        return values.stream().filter(v -> !v.isEmpty()).findFirst();
    }

    String get(String name) {
        return find(name).orElseThrow(() -> OAuthError.invalidRequest(name + " is missing"));
    }
}
