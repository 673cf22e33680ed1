package io.nexus.oauth.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nexus.oauth.credential.GrantRequest;
import java.util.List;
import java.util.Map;

/** Authorization details (RFC 9396) of the API as JSON text, and back. */
final class AuthorizationDetails {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MAX_TYPE = 200;

    private AuthorizationDetails() {}

    /** The text; throws {@link IllegalArgumentException} when {@code details} are none or too many. */
    static String text(List<Map<String, Object>> details) {
        if (details.size() > GrantRequest.MAX_DETAILS || !details.stream().allMatch(AuthorizationDetails::hasType)) {
            throw new IllegalArgumentException("must be " + GrantRequest.MAX_DETAILS
                    + " objects at most, each with a type of 1 to " + MAX_TYPE + " characters");
        }
        try {
            String text = JSON.writeValueAsString(details);
            if (text.length() <= GrantRequest.MAX_DETAILS_LENGTH) {
                return text;
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what was read as JSON cannot be written", e);
        }
        throw new IllegalArgumentException(
                "must have " + GrantRequest.MAX_DETAILS_LENGTH + " characters at most, as JSON");
    }

    private static boolean hasType(Map<String, Object> detail) {
        return detail.get("type") instanceof String type && !type.isEmpty() && type.length() <= MAX_TYPE;
    }

    /** The objects in {@code text}, a JSON array; none when it holds something else. */
    static List<Map<String, Object>> parse(String text) {
        try {
            return JSON.readValue(text, new TypeReference<>() {});
        } catch (JsonProcessingException e) {
            return List.of();
        }
    }
}
