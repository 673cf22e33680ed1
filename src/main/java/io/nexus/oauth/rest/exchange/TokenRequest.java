package io.nexus.oauth.rest.exchange;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.nexus.oauth.credential.Scopes;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request for a token exchange (RFC 8693 section 2.1).
 *
 * @param form its parameters, without {@code resource}; it has each once at most
 * @param resources the values of {@code resource}, in order (RFC 8707 section 2)
 */
record TokenRequest(Map<String, String> form, List<String> resources) {

    /** Copies the values. */
    TokenRequest {
        form = Map.copyOf(form);
        resources = List.copyOf(resources);
    }

    /** The only grant type of the endpoint. */
    static final String TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";

    /** The type of the tokens that the endpoint issues (RFC 8693 section 3). */
    static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

    private static final String ID_TOKEN = "urn:ietf:params:oauth:token-type:id_token";
    private static final String JWT = "urn:ietf:params:oauth:token-type:jwt";
    private static final Set<String> SUBJECT_TYPES = Set.of(ACCESS_TOKEN, ID_TOKEN, JWT);
    private static final int MAX_PARAMETERS = 50;

    /** Parses the body. An empty parameter counts as omitted (RFC 6749 section 3.2). Throws {@link TokenError}. */
    static TokenRequest parse(@Nullable String body) {
        Map<String, String> form = new HashMap<>();
        Map<String, List<String>> all = new HashMap<>(decoded(body == null ? "" : body));
        List<String> resources = Objects.requireNonNullElse(all.remove("resource"), List.<String>of()).stream()
                .filter(each -> !each.isEmpty())
                .toList();
        all.forEach((name, values) -> {
            if (values.size() > 1) {
                throw name.equals("audience")
                        ? TokenError.invalidTarget("name one audience")
                        : TokenError.invalidRequest("a parameter must be given once only");
            }
            if (name.equals("client_secret") && values.getFirst().isEmpty()) {
                throw new TokenError(401, "invalid_client", "client_secret is empty");
            }
            if (!values.getFirst().isEmpty()) {
                form.put(name, values.getFirst());
            }
        });
        return new TokenRequest(form, resources);
    }

    private static Map<String, List<String>> decoded(String body) {
        // the decoder would leave out what comes after them
        if (body.indexOf('#') >= 0 || body.chars().filter(c -> c == '&').count() >= MAX_PARAMETERS) {
            throw TokenError.invalidRequest(
                    "the form must not have a bare #, and " + MAX_PARAMETERS + " parameters at most");
        }
        try {
            return new QueryStringDecoder(body, StandardCharsets.UTF_8, false, MAX_PARAMETERS, true).parameters();
        } catch (IllegalArgumentException e) {
            throw TokenError.invalidRequest("the form is not well encoded"); // the message of e quotes it
        }
    }

    /** Refuses another grant type, and what no exchange here can mean. Throws {@link TokenError}. */
    void check() {
        String grant = required("grant_type");
        if (!grant.equals(TOKEN_EXCHANGE)) {
            throw new TokenError(400, "unsupported_grant_type", "grant_type must be " + TOKEN_EXCHANGE);
        }
        if (form.containsKey("actor_token") || form.containsKey("actor_token_type")) {
            throw TokenError.invalidRequest("leave actor_token out: the client that authenticates is the actor");
        }
        if (!form.getOrDefault("requested_token_type", ACCESS_TOKEN).equals(ACCESS_TOKEN)) {
            throw TokenError.invalidRequest("requested_token_type must be " + ACCESS_TOKEN);
        }
        String type = required("subject_token_type");
        if (!SUBJECT_TYPES.contains(type)) {
            throw TokenError.invalidRequest(
                    "subject_token_type must be " + ACCESS_TOKEN + ", " + JWT + " or " + ID_TOKEN);
        }
    }

    /** Refuses a request without a target. Throws {@link TokenError}. */
    void requireTarget() {
        if (audience() == null && resources.isEmpty()) {
            throw TokenError.invalidRequest("name the provider as audience or as resource");
        }
    }

    @Nullable String audience() {
        return form.get("audience");
    }

    String subjectTokenType() {
        return required("subject_token_type");
    }

    String subjectToken() {
        return required("subject_token");
    }

    boolean isIdToken() {
        return ID_TOKEN.equals(form.get("subject_token_type"));
    }

    /** The id of the provider: the audience, and the last part of the resource, which begins with {@code prefix}. */
    String provider(String prefix) {
        String audience = audience();
        if (resources.isEmpty()) {
            return required("audience");
        }
        String resource = resources.getFirst();
        if (resources.size() > 1) {
            throw TokenError.invalidTarget("name one provider");
        }
        if (!resource.startsWith(prefix)) {
            throw TokenError.invalidTarget("resource must be " + prefix + " and the id of a provider");
        }
        String provider = resource.substring(prefix.length());
        if (audience != null && !audience.equals(provider)) {
            throw TokenError.invalidTarget("audience and resource must name the same provider");
        }
        return provider;
    }

    /** The scopes that the token must have. Throws {@link TokenError}. */
    Scopes scopes() {
        String scope = form.get("scope");
        try {
            return scope == null ? Scopes.NONE : Scopes.of(List.of(scope.split(" ", -1)));
        } catch (IllegalArgumentException e) {
            throw new TokenError(400, "invalid_scope", String.valueOf(e.getMessage()));
        }
    }

    private String required(String name) {
        String value = form.get(name);
        if (value == null) {
            throw TokenError.invalidRequest(name + " is required");
        }
        return value;
    }

    /** Without the tokens and secrets. */
    @Override
    public String toString() {
        return "TokenRequest";
    }
}
