package io.nexus.oauth.sandbox;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A valid authorization request that waits for the person's answer.
 *
 * @param redirect where the answer goes
 * @param scope what is asked for
 * @param challenge the PKCE challenge, S256
 * @param state the client's, given back as it came
 * @param browser the cookie of the browser that was asked; only that one may answer
 */
record PendingConsent(
        URI redirect,
        String scope,
        String challenge,
        @Nullable String state,
        String browser) {

    URI allowed(String code, String issuer) {
        return answer(redirect, Map.of("code", code), state, issuer);
    }

    URI denied(String issuer) {
        OAuthError denied = OAuthError.of("access_denied", "the person said no");
        return failed(redirect, denied, state, issuer);
    }

    static URI failed(URI redirect, OAuthError error, @Nullable String state, String issuer) {
        return answer(redirect, Map.of("error", error.code(), "error_description", error.description()), state, issuer);
    }

    /** With the issuer (RFC 9207), so that a client with several servers cannot be led to ask the wrong one. */
    private static URI answer(URI redirect, Map<String, String> result, @Nullable String state, String issuer) {
        Map<String, String> parameters = new LinkedHashMap<>(result);
        if (state != null) {
            parameters.put("state", state);
        }
        parameters.put("iss", issuer);
        String query = parameters.entrySet().stream()
                .map(p -> p.getKey() + "=" + URLEncoder.encode(p.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return URI.create(redirect + "?" + query);
    }
}
