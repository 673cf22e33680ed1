package io.nexus.oauth.store.execution;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.nexus.oauth.credential.AccountIdentity;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.SealedSecret;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The text forms of values in columns, for the entities and the single statements alike. */
public final class ColumnTexts {

    /** Equal maps give equal texts, so that a statement can compare them. */
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
