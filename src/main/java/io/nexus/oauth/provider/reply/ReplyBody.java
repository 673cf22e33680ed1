package io.nexus.oauth.provider.reply;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.nexus.oauth.credential.Secret;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The body of a provider's reply. Untrusted: its size is bounded and every value is validated. No method throws. */
public final class ReplyBody {

    private static final int MAX_TOKEN = 16 * 1024;
    private static final int MAX_TEXT = 8 * 1024;
    /** Any other character could inject a header where the token is used. */
    private static final Pattern TOKEN = Pattern.compile("[\\x21-\\x7e]+");

    /** VSCHAR of RFC 6749 appendix A.17. A refresh token is sent in bodies only; rejecting one would lose the grant. */
    private static final Pattern REFRESH_TOKEN = Pattern.compile("[\\x20-\\x7e]+");

    private static final Pattern FORM = Pattern.compile("(^|.*&)(access_token|error)=[^&]*(&.*|$)", Pattern.DOTALL);

    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(20)
                    .maxStringLength(32 * 1024)
                    .maxNumberLength(64 * 1024)
                    .build())
            // NaN and the like invalidate their own field only, not the refresh token beside it.
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .build());

    private final ObjectNode root;

    private ReplyBody(ObjectNode root) {
        this.root = root;
    }

    /** The body, parsed as JSON or as a form; empty when it is neither. */
    public static Optional<ReplyBody> parse(@Nullable String contentType, String body) {
        String type = String.valueOf(contentType).toLowerCase(Locale.ROOT);
        if (type.startsWith("application/x-www-form-urlencoded")) {
            return form(body);
        }
        Optional<ReplyBody> json = json(body);
        return json.isEmpty() && FORM.matcher(body).matches() ? form(body) : json;
    }

    public static Optional<ReplyBody> json(String body) {
        try {
            return JSON.readTree(body) instanceof ObjectNode object
                    ? Optional.of(new ReplyBody(object))
                    : Optional.empty();
        } catch (JacksonException e) {
            return Optional.empty();
        }
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
        return node.isEmpty() ? Optional.empty() : Optional.of(new ReplyBody(node));
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    /** The node at {@code pointer}; a missing node when there is none. */
    public JsonNode at(String pointer) {
        return root.at(JsonPointer.compile(pointer));
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

    /** The refresh token at {@code pointer}; null when there is none. */
    @Nullable Secret refreshToken(String pointer) {
        String text = at(pointer).textValue();
        return text != null
                        && text.length() <= MAX_TOKEN
                        && REFRESH_TOKEN.matcher(text).matches()
                ? Secret.of(text)
                : null;
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
