package io.nexus.oauth.store.execution;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.nexus.oauth.credential.AccountIdentity;
import io.nexus.oauth.credential.GrantType;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.TokenRequest;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Converts values to and from the text of their columns, for entities and single statements. */
public final class ColumnTexts {

    /** Equal maps have equal texts, so that a statement can compare them. */
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    private static final TypeReference<Map<String, String>> MAP = new TypeReference<>() {};

    private ColumnTexts() {}

    public static String ofMap(Map<String, String> map) {
        try {
            return JSON.writeValueAsString(map);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a map of texts is always JSON", e);
        }
    }

    public static Map<String, String> map(String text) {
        try {
            return JSON.readValue(text, MAP);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored map is not JSON");
        }
    }

    public static @Nullable String ofSecret(@Nullable SealedSecret secret) {
        return secret == null ? null : secret.text();
    }

    public static @Nullable SealedSecret secret(@Nullable String text) {
        return text == null ? null : new SealedSecret(text);
    }

    public static @Nullable String ofScopes(@Nullable Scopes scopes) {
        return scopes == null ? null : scopes.join(" ");
    }

    public static Scopes scopes(String text) {
        return Scopes.parse(text);
    }

    /** The parameters of a token request (RFC 6749 section 4.4.2, RFC 7523 section 2.1, RFC 8707 section 2) as a JSON object. */
    public static @Nullable String ofTokenRequest(@Nullable TokenRequest request) {
        if (request == null) {
            return null;
        }
        ObjectNode json = JSON.createObjectNode()
                .put("grant_type", request.grantType().value())
                .put("scope", request.scopes().join(" "))
                .put("audience", request.audience())
                .put("subject", request.subject());
        request.resources().forEach(json.putArray("resource")::add);
        if (request.oidcClient() != null) {
            json.put("oidc_client", request.oidcClient());
        }
        return json.toString();
    }

    /** The token request of a machine connection; null for the grant of a person. */
    public static @Nullable TokenRequest tokenRequest(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            JsonNode json = JSON.readTree(text);
            List<String> resources = StreamSupport.stream(json.path("resource").spliterator(), false)
                    .map(JsonNode::asText)
                    .toList();
            return new TokenRequest(
                    GrantType.of(json.path("grant_type").asText(GrantType.CLIENT_CREDENTIALS.value())),
                    scopes(json.path("scope").asText("")),
                    json.path("audience").textValue(),
                    resources,
                    json.path("subject").textValue(),
                    json.path("oidc_client").textValue());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a stored token request is not JSON");
        }
    }

    public static @Nullable OffsetDateTime ofInstant(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }

    public static @Nullable Instant instant(@Nullable OffsetDateTime time) {
        return time == null ? null : time.toInstant();
    }

    public static @Nullable AccountIdentity identity(@Nullable String id, @Nullable String label) {
        return id == null ? null : new AccountIdentity(id, label);
    }
}
