package io.nexus.oauth.provider.assertion;

import io.nexus.oauth.provider.assertion.ClientKey.Algorithm;
import java.time.Instant;
import java.util.Map;
import org.jose4j.json.JsonUtil;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * A private key as somebody brings it: PEM, a JSON Web Key, or the key file of a service account, which is a JSON object with {@code
 * private_key}, {@code private_key_id}, {@code client_email} and {@code token_uri} as Google gives it. Prints no key.
 *
 * @param key the key
 * @param clientId the client that the file names as {@code client_email}, or null
 * @param tokenEndpoint the address that the file names as {@code token_uri}, or null. Nothing is sent to it
 * @param named whether the key came with an id
 */
public record BroughtKey(
        ClientKey key, @Nullable String clientId, @Nullable String tokenEndpoint, boolean named) {

    private static final String PRIVATE_KEY = "private_key";

    /**
     * Reads {@code text} as {@link ClientKey} does. Throws {@link IllegalArgumentException} whose message says what is wrong and contains
     * nothing of the key. Blocks for some milliseconds.
     *
     * @param algorithm the algorithm, or null for that of the key
     * @param id the key id, or null for that of the file
     * @param now the time, to refuse a certificate that has ended
     */
    public static BroughtKey parse(String text, @Nullable Algorithm algorithm, @Nullable String id, Instant now) {
        if (text.length() > ClientKey.MAX_LENGTH) {
            throw new IllegalArgumentException("must have " + ClientKey.MAX_LENGTH + " characters at most");
        }
        Map<String, Object> file = object(text);
        String key = text(file, PRIVATE_KEY);
        if (key == null) {
            ClientKey parsed = ClientKey.parse(text, algorithm, id, now);
            return new BroughtKey(parsed, null, null, id != null || file.get("kid") != null);
        }
        String ownId = text(file, "private_key_id");
        if (id != null && ownId != null && !id.equals(ownId)) {
            throw new IllegalArgumentException("has another private_key_id than the id beside it");
        }
        String used = id == null ? ownId : id;
        return new BroughtKey(
                ClientKey.parse(key, algorithm, used, now),
                text(file, "client_email"),
                text(file, "token_uri"),
                used != null);
    }

    /** Nothing for a text that is no JSON object. */
    private static Map<String, Object> object(String text) {
        if (!text.strip().startsWith("{")) {
            return Map.of();
        }
        try {
            return JsonUtil.parseJson(text);
        } catch (JoseException | RuntimeException e) {
            return Map.of(); // the reader of JSON Web Keys tells it
        }
    }

    private static @Nullable String text(Map<String, Object> file, String name) {
        return file.get(name) instanceof String text && !text.isEmpty() ? text : null;
    }
}
