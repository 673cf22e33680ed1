package io.nexus.oauth.cli.connection;

import io.nexus.oauth.cli.terminal.Json;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A request to the service's API.
 *
 * @param method the HTTP method
 * @param headers the headers, the login among them
 * @param body the JSON text of the body, or null
 */
public record ApiRequest(
        URI uri,
        String method,
        Map<String, String> headers,
        @Nullable String body) {

    static ApiRequest get(URI uri, Map<String, String> headers) {
        return new ApiRequest(uri, "GET", headers, null);
    }

    /** The same request with {@code method} and without a body. */
    public ApiRequest by(String method) {
        return new ApiRequest(uri, method, headers, null);
    }

    /** The same request with {@code method} and {@code body} as JSON, or without a body when it is null. */
    public ApiRequest by(String method, @Nullable Object body) {
        return body == null
                ? by(method)
                : new ApiRequest(uri, method, headers, Json.write(body)).header("Content-Type", "application/json");
    }

    /** The same request with the header {@code name}. */
    public ApiRequest header(String name, String value) {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put(name, value);
        return new ApiRequest(uri, method, all, body);
    }

    /** Without the login. */
    @Override
    public String toString() {
        return method + " " + Objects.requireNonNull(uri).getPath();
    }
}
