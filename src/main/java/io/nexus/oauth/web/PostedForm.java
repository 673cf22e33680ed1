package io.nexus.oauth.web;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What somebody filled in. Read whole before, with a deadline, as every body is. */
final class PostedForm {

    /** The field with the token that proves that the form is from a page of the same browser. */
    static final String TOKEN = "form_token";

    private static final int MOST_FIELDS = 200;

    private final Map<String, List<String>> fields;

    private PostedForm(Map<String, List<String>> fields) {
        this.fields = fields;
    }

    /** Throws {@link IllegalArgumentException} when it is no form, or holds control characters. */
    static PostedForm parse(@Nullable String body) {
        PostedForm form = new PostedForm(fields(body == null ? "" : body));
        boolean unfit = form.fields.values().stream()
                .flatMap(List::stream)
                .anyMatch(value -> value.chars().anyMatch(c -> c < 0x20 && "\r\n\t".indexOf(c) < 0));
        if (unfit) {
            throw new IllegalArgumentException("a field holds control characters");
        }
        return form;
    }

    private static Map<String, List<String>> fields(String body) {
        try {
            return new QueryStringDecoder(body, StandardCharsets.UTF_8, false, MOST_FIELDS, true).parameters();
        } catch (IllegalArgumentException e) {
            // without the cause: its message quotes the form
            throw new IllegalArgumentException("the form is not well encoded");
        }
    }

    /** The text of a field, without white space around it; empty when it was left out. */
    String text(String name) {
        List<String> values = fields.getOrDefault(name, List.of());
        return values.isEmpty() ? "" : values.getFirst().strip();
    }

    /** As {@link #text}; null when it is empty. */
    @Nullable String given(String name) {
        String text = text(name);
        return text.isEmpty() ? null : text;
    }

    /** The words of a field. */
    List<String> words(String name) {
        return Arrays.stream(text(name).split("[\\s,]+"))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    /** The fields called {@code prefix} and more that are filled in, by that more. */
    Map<String, String> group(String prefix) {
        return fields.keySet().stream()
                .filter(name -> name.startsWith(prefix) && !text(name).isEmpty())
                .collect(Collectors.toMap(name -> name.substring(prefix.length()), this::text));
    }

    boolean isChecked(String name) {
        return given(name) != null;
    }
}
