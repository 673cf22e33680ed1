package io.nexus.oauth.provider.reply;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON as servers really send it. The caller bounds the size of the text, so no limit here discards a whole
 * document over one odd member: deeper levels are skipped, and numbers keep their characters. No method throws.
 */
final class LenientJson {

    /** Deeper values are skipped. */
    private static final int MAX_DEPTH = 32;

    /** How many places of a name are looked at in a text that is not JSON. */
    private static final int MAX_TRIES = 8;

    private static final Pattern DIGITS = Pattern.compile("([0-9]++)[\\s,}\\]]");

    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Integer.MAX_VALUE)
                    .maxStringLength(Integer.MAX_VALUE)
                    .maxNumberLength(Integer.MAX_VALUE)
                    .maxNameLength(Integer.MAX_VALUE)
                    .build())
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
            .enable(JsonReadFeature.ALLOW_BACKSLASH_ESCAPING_ANY_CHARACTER)
            .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
            .enable(JsonReadFeature.ALLOW_TRAILING_COMMA)
            // a name of its own for each response would fill a table that all responses share
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private LenientJson() {}

    /**
     * The object in {@code text}: the whole text, the first element of an array, or JSON inside a JSON string. Empty
     * when there is none. Text after the object is ignored.
     */
    static Optional<ObjectNode> object(String text) {
        return object(text, true);
    }

    private static Optional<ObjectNode> object(String text, boolean mayBeQuoted) {
        try (JsonParser parser = JSON.createParser(text)) {
            JsonToken first = parser.nextToken();
            if (first == JsonToken.VALUE_STRING && mayBeQuoted) {
                return object(parser.getText(), false);
            }
            if (first == JsonToken.START_ARRAY) {
                first = parser.nextToken();
            }
            return first == JsonToken.START_OBJECT ? Optional.of(object(parser, 1)) : Optional.empty();
        } catch (JacksonException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a text has no input that could fail
        }
    }

    private static ObjectNode object(JsonParser parser, int depth) throws IOException {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            JsonNode value = value(parser, depth);
            if (value != null && !(isText(object.get(name)) && !isText(value))) {
                object.set(name, value);
            }
        }
        return object;
    }

    private static @Nullable JsonNode value(JsonParser parser, int depth) throws IOException {
        if (depth >= MAX_DEPTH && parser.currentToken().isStructStart()) {
            parser.skipChildren();
            return null;
        }
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser, depth + 1);
            case START_ARRAY -> array(parser, depth + 1);
            case VALUE_TRUE, VALUE_FALSE -> JsonNodeFactory.instance.booleanNode(parser.getBooleanValue());
            case VALUE_STRING, VALUE_NUMBER_INT -> JsonNodeFactory.instance.textNode(parser.getText());
            case VALUE_NUMBER_FLOAT ->
                parser.isNaN()
                        ? JsonNodeFactory.instance.nullNode()
                        : JsonNodeFactory.instance.textNode(parser.getText());
            default -> JsonNodeFactory.instance.nullNode();
        };
    }

    private static ArrayNode array(JsonParser parser, int depth) throws IOException {
        ArrayNode array = JsonNodeFactory.instance.arrayNode();
        for (JsonToken next = parser.nextToken();
                next != null && next != JsonToken.END_ARRAY;
                next = parser.nextToken()) {
            JsonNode value = value(parser, depth);
            if (value != null) {
                array.add(value);
            }
        }
        return array;
    }

    /** A later duplicate without a value does not replace a value. */
    private static boolean isText(@Nullable JsonNode node) {
        return node != null && node.isTextual() && !node.textValue().isEmpty();
    }

    /**
     * The value of the member {@code name} in a text that is not JSON, such as JSON behind a warning of the server's
     * programming language or with a stray quotation mark: the last complete string or number after the quoted name.
     */
    static Optional<String> member(String text, String name) {
        String quoted = '"' + name + '"';
        int at = text.lastIndexOf(quoted);
        for (int tries = 0; at >= 0 && tries < MAX_TRIES; tries++, at = text.lastIndexOf(quoted, at - 1)) {
            Optional<String> value = valueAfterColon(text, at + quoted.length());
            if (value.isPresent()) {
                return value;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> valueAfterColon(String text, int from) {
        int colon = skipBlanks(text, from);
        if (at(text, colon) != ':') {
            return Optional.empty();
        }
        int start = skipBlanks(text, colon + 1);
        return at(text, start) == '"' ? string(text, start) : digits(text, start);
    }

    /** A number at the end of the text may be cut off, so something has to follow. */
    private static Optional<String> digits(String text, int start) {
        Matcher digits = DIGITS.matcher(text).region(start, text.length());
        return digits.lookingAt() ? Optional.of(digits.group(1)) : Optional.empty();
    }

    private static int at(String text, int index) {
        return index < text.length() ? text.charAt(index) : -1;
    }

    private static Optional<String> string(String text, int start) {
        try (JsonParser parser = JSON.createParser(text.substring(start))) {
            return parser.nextToken() == JsonToken.VALUE_STRING
                            && !parser.getText().isEmpty()
                    ? Optional.of(parser.getText())
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static int skipBlanks(String text, int from) {
        int at = from;
        while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return at;
    }
}
