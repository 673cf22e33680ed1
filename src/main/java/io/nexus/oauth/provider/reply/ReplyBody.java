package io.nexus.oauth.provider.reply;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.nexus.oauth.credential.Secret;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Collection;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The body of a provider's reply. Untrusted: its size is bounded and every value is validated. No method throws. */
public final class ReplyBody {

    private static final int MAX_TOKEN = 16 * 1024;
    private static final int MAX_REFRESH_TOKEN = 64 * 1024;
    private static final int MAX_TEXT = 8 * 1024;
    /** Any other character could inject a header where the token is used. */
    private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]+");

    private final ObjectNode root;

    /** Values by pointer of a body that is neither JSON nor a form. */
    private final Map<String, String> salvaged;

    private ReplyBody(ObjectNode root, Map<String, String> salvaged) {
        this.root = root;
        this.salvaged = salvaged;
    }

    /** The body, parsed as JSON or as a form; empty when it is neither. Its content type decides only in doubt. */
    public static Optional<ReplyBody> parse(@Nullable String contentType, String body) {
        Optional<ReplyBody> json = json(body);
        if (json.isPresent()) {
            return json;
        }
        String type = String.valueOf(contentType).toLowerCase(Locale.ROOT);
        return type.startsWith("application/x-www-form-urlencoded") || isForm(body) ? form(body) : Optional.empty();
    }

    private static boolean isForm(String body) {
        String pairs = "&" + body.strip();
        return !pairs.startsWith("&<")
                && Stream.of("access_token", "refresh_token", "error")
                        .anyMatch(name -> pairs.contains("&" + name + "="));
    }

    /** The JSON object in {@code body}; empty when there is none. */
    public static Optional<ReplyBody> json(String body) {
        return LenientJson.object(body).map(root -> new ReplyBody(root, Map.of()));
    }

    /**
     * The values that can still be found in a body that is neither JSON nor a form. For a successful response only: a
     * text may look like an error.
     *
     * @param pointers where the values would be
     */
    static Optional<ReplyBody> salvage(String body, Collection<String> pointers) {
        Map<String, String> found = new HashMap<>();
        for (String pointer : pointers) {
            LenientJson.member(body, pointer.substring(pointer.lastIndexOf('/') + 1))
                    .ifPresent(value -> found.put(pointer, value));
        }
        return found.isEmpty()
                ? Optional.empty()
                : Optional.of(new ReplyBody(JsonNodeFactory.instance.objectNode(), found));
    }

    /** The claims of a JWT, unverified. */
    static Optional<ReplyBody> claims(@Nullable Secret jwt) {
        String[] parts = jwt == null ? new String[0] : jwt.reveal().split("\\.", -1);
        if (parts.length != 3) {
            return Optional.empty();
        }
        try {
            return json(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<ReplyBody> form(String body) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        for (String pair : body.strip().split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                node.put(decode(pair.substring(0, equals)), decode(pair.substring(equals + 1)));
            }
        }
        return node.isEmpty() ? Optional.empty() : Optional.of(new ReplyBody(node, Map.of()));
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    /** Whether only single values were found, because the body is neither JSON nor a form. */
    boolean isSalvaged() {
        return !salvaged.isEmpty();
    }

    /** Whether there is anything but null or an empty text at {@code pointer}. */
    boolean hasValue(String pointer) {
        JsonNode node = at(pointer);
        return !node.isMissingNode()
                && !node.isNull()
                && !(node.isTextual() && node.textValue().isEmpty());
    }

    /** The node at {@code pointer}; a missing node when there is none. */
    public JsonNode at(String pointer) {
        String value = salvaged.get(pointer);
        return value == null ? root.at(JsonPointer.compile(pointer)) : JsonNodeFactory.instance.textNode(value);
    }

    /**
     * Text, number or flag at {@code pointer}, as text of bounded length without control characters; null otherwise.
     */
    public @Nullable String text(String pointer) {
        JsonNode node = at(pointer);
        if (!node.isValueNode() || node.isNull()) {
            return null;
        }
        String text = node.asText();
        boolean valid =
                !text.isEmpty() && text.length() <= MAX_TEXT && text.chars().noneMatch(Character::isISOControl);
        return valid ? text : null;
    }

    /** The token at {@code pointer}; null when there is none or a header cannot carry it. */
    @Nullable Secret token(String pointer) {
        String text = at(pointer).textValue();
        return text != null && isToken(text) ? Secret.of(text) : null;
    }

    /**
     * The refresh token at {@code pointer}; null when there is none. It is sent in bodies only, so it may be any text, and
     * a number counts as its digits: rejecting one would lose the grant.
     */
    @Nullable Secret refreshToken(String pointer) {
        String text = at(pointer).textValue();
        return text != null && !text.isEmpty() && text.length() <= MAX_REFRESH_TOKEN ? Secret.of(text) : null;
    }

    /** The ID token at {@code pointer}, of any length that fits into a response; null when there is none. */
    @Nullable Secret idToken(String pointer) {
        String text = at(pointer).textValue();
        return text != null && TOKEN.matcher(text).matches() ? Secret.of(text) : null;
    }

    public static boolean isToken(String text) {
        return text.length() <= MAX_TOKEN && TOKEN.matcher(text).matches();
    }

    /** The finite number at {@code pointer}, written as number or text; null otherwise. */
    @Nullable Double number(String pointer) {
        JsonNode node = at(pointer);
        try {
            double number = node.isNumber() ? node.doubleValue() : Double.parseDouble(node.asText(""));
            return Double.isFinite(number) ? number : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
