package io.nexus.oauth.provider;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.assertion.ClientAssertions;
import io.nexus.oauth.provider.egress.HttpExchange;
import io.nexus.oauth.provider.entry.ProfileTerm.BodyFormat;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.provider.reply.ReplyBody;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Builds a request: parameters, headers, client authentication and the format of the body. */
final class OutgoingRequest {

    private final Map<String, String> params = new LinkedHashMap<>();

    /** The parameters that may have several values. */
    private final Map<String, List<String>> lists = new LinkedHashMap<>();

    private final Map<String, String> headers = new HashMap<>();
    private final Map<String, String> names;
    private final Set<String> omit;

    OutgoingRequest(Map<String, String> names, Set<String> omit) {
        this.names = names;
        this.omit = omit;
        headers.put("Accept", "application/json");
        headers.put("User-Agent", "nexus-oauth");
    }

    /** Adds the standard parameter {@code name} under the vendor's name, unless the profile omits it. */
    OutgoingRequest standard(String name, String value) {
        if (!omit.contains(name)) {
            params.put(names.getOrDefault(name, name), value);
        }
        return this;
    }

    /** As {@link #standard(String, String)}, for a parameter that is sent once for each of {@code values}. */
    OutgoingRequest standard(String name, List<String> values) {
        if (!omit.contains(name) && !values.isEmpty()) {
            lists.put(names.getOrDefault(name, name), values);
        }
        return this;
    }

    /** Adds the vendor's own parameter {@code name}. */
    OutgoingRequest param(String name, String value) {
        params.put(name, value);
        return this;
    }

    OutgoingRequest header(String name, String value) {
        headers.entrySet().removeIf(each -> each.getKey().equalsIgnoreCase(name));
        headers.put(name, value);
        return this;
    }

    /**
     * Adds the token as a bearer token. Throws Misconfigured for a token with characters that no header can carry, as an imported one may
     * have.
     */
    OutgoingRequest bearer(String provider, String scheme, Secret token) {
        if (!ReplyBody.isToken(token.reveal())) {
            throw new ProviderException.Misconfigured(
                    provider, "bad_token", "the token contains characters that an HTTP header cannot carry");
        }
        return header("Authorization", scheme + " " + token.reveal());
    }

    /**
     * Authenticates the client; a client without a secret is public (RFC 6749 section 2.3.1, 3.2.1).
     *
     * @param assertion what proves who the client is, with a method that needs it (RFC 7523 section 2.2); else empty
     */
    OutgoingRequest client(ClientAuth auth, ClientRegistration client, Optional<Secret> assertion) {
        if (assertion.isPresent()) {
            return standard("client_id", client.clientId())
                    .standard("client_assertion_type", ClientAssertions.TYPE)
                    .standard("client_assertion", assertion.get().reveal());
        }
        Secret secret = client.clientSecret();
        if (auth == ClientAuth.NONE || auth.isTls() || secret == null) {
            return standard("client_id", client.clientId());
        }
        return secret(auth, client.clientId(), secret);
    }

    private OutgoingRequest secret(ClientAuth auth, String id, Secret secret) {
        return switch (auth) {
            case BASIC, DISCOVERED -> basic(encode(id) + ":" + encode(secret.reveal()));
            case BASIC_RAW -> basic(id + ":" + secret.reveal());
            case SECRET_AS_USER -> basic(encode(secret.reveal()) + ":");
            case CLIENT_SCHEME -> header("Authorization", "Client " + encode(secret.reveal()));
            case POST -> standard("client_id", id).standard("client_secret", secret.reveal());
            case NONE, CLIENT_SECRET_JWT, PRIVATE_KEY_JWT, TLS_CLIENT_AUTH, SELF_SIGNED_TLS_CLIENT_AUTH ->
                throw new IllegalStateException("sends no secret: " + auth);
        };
    }

    private OutgoingRequest basic(String pair) {
        byte[] bytes = pair.getBytes(StandardCharsets.UTF_8);
        return header("Authorization", "Basic " + Base64.getEncoder().encodeToString(bytes));
    }

    /** The finished request. GET and {@link BodyFormat#QUERY} put the parameters into the URL. */
    HttpExchange.Call call(String method, URI url, BodyFormat format, Duration total, int cap) {
        return switch (method.equals("GET") ? BodyFormat.QUERY : format) {
            case QUERY -> new HttpExchange.Call(method, append(url, allParams()), headers, null, total, cap);
            case JSON -> header("Content-Type", "application/json").withBody(method, url, json(), total, cap);
            case FORM ->
                header("Content-Type", "application/x-www-form-urlencoded")
                        .withBody(method, url, allParams(), total, cap);
        };
    }

    /** The finished request with {@code body} as it is, or without a body. */
    HttpExchange.Call withBody(String method, URI url, @Nullable String body, Duration total, int cap) {
        return new HttpExchange.Call(method, url, headers, body, total, cap);
    }

    /** The same request, to add something else to each. */
    OutgoingRequest copy() {
        OutgoingRequest copy = new OutgoingRequest(names, omit);
        copy.params.putAll(params);
        copy.lists.putAll(lists);
        copy.headers.putAll(headers);
        return copy;
    }

    /** {@code url} with the parameters added to its query. */
    URI append(URI url) {
        return append(url, allParams());
    }

    /** {@code url} with {@code params} added to its query. */
    static URI append(URI url, Map<String, String> params) {
        return append(url, encode(params));
    }

    private static URI append(URI url, String query) {
        return query.isEmpty() ? url : URI.create(url + (url.getRawQuery() == null ? "?" : "&") + query);
    }

    private String allParams() {
        return Stream.concat(
                        params.entrySet().stream().map(each -> pair(each.getKey(), each.getValue())),
                        lists.entrySet().stream()
                                .flatMap(each -> each.getValue().stream().map(value -> pair(each.getKey(), value))))
                .collect(Collectors.joining("&"));
    }

    private static String pair(String name, String value) {
        return encode(name) + "=" + encode(value);
    }

    private static String encode(Map<String, String> params) {
        return params.entrySet().stream()
                .map(each -> pair(each.getKey(), each.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private String json() {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        params.forEach(node::put);
        lists.forEach((name, values) -> values.forEach(node.withArray(name)::add));
        return node.toString();
    }
}
