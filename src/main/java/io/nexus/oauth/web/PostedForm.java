package io.nexus.oauth.web;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The fields of a posted form. */
final class PostedForm {

    /** The field with the anti-forgery token. */
    static final String TOKEN = "form_token";

    private static final int MAX_FIELDS = 200;

    private final Map<String, List<String>> fields;

    private PostedForm(Map<String, List<String>> fields) {
        this.fields = fields;
    }

    /** Parses a form. Throws {@link IllegalArgumentException} when it is malformed or contains control characters. */
    static PostedForm parse(@Nullable String body) {
        PostedForm form = new PostedForm(fields(body == null ? "" : body));
        boolean unfit = form.fields.values().stream()
                .flatMap(List::stream)
                .anyMatch(value -> value.chars().anyMatch(c -> c < 0x20 && "\r\n\t".indexOf(c) < 0));
        if (unfit) {
            throw new IllegalArgumentException("a field contains control characters");
        }
        return form;
    }

    private static Map<String, List<String>> fields(String body) {
        try {
            return new QueryStringDecoder(body, StandardCharsets.UTF_8, false, MAX_FIELDS, true).parameters();
        } catch (IllegalArgumentException e) {
            // without the cause: its message quotes the form
            throw new IllegalArgumentException("the form is not well encoded");
        }
    }

    /** The text of a field without surrounding white space; empty when the field is missing. */
    String text(String name) {
        List<String> values = fields.getOrDefault(name, List.of());
        return values.isEmpty() ? "" : values.getFirst().strip();
    }

    /** The text of a field, or null when it is empty. */
    @Nullable String given(String name) {
        String text = text(name);
        return text.isEmpty() ? null : text;
    }

    /** The different values of a field that the form may repeat. */
    List<String> all(String name) {
        return fields.getOrDefault(name, List.of()).stream().distinct().toList();
    }

    /** The words of a field, separated by spaces or commas. */
    List<String> words(String name) {
        return Arrays.stream(text(name).split("[\\s,]+"))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** The lines of a field that are not empty. */
    List<String> lines(String name) {
        return text(name)
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
    }

    /** The non-empty fields whose names start with {@code prefix}, keyed by the rest of their names. */
    Map<String, String> group(String prefix) {
        return fields.keySet().stream()
                .filter(name -> name.startsWith(prefix) && !text(name).isEmpty())
                .collect(Collectors.toMap(name -> name.substring(prefix.length()), this::text));
    }

    boolean isChecked(String name) {
        return given(name) != null;
    }
}
