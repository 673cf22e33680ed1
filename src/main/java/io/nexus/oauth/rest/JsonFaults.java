package io.nexus.oauth.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.exc.InvalidNullException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.nexus.oauth.api.Problem;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Describes faults of a JSON body. The texts name no value of it, because a body can hold secrets. */
final class JsonFaults {

    static final String AN_ID = "an id like 0c5be2f4-9f2f-4a3e-8a9c-8e1f7f0f7d3e";

    private static final String OBJECT = "an object";
    private static final int MAX_POINTER_LENGTH = 200;

    /** A plausible field name. Anything else in its place might be a misplaced secret and is not quoted. */
    private static final Pattern FIELD = Pattern.compile("[A-Za-z0-9_-]{1,32}");

    private static final Map<Class<?>, String> TYPES = Map.ofEntries(
            Map.entry(String.class, "a string"),
            Map.entry(Boolean.class, "true or false"),
            Map.entry(boolean.class, "true or false"),
            Map.entry(Long.class, "a whole number"),
            Map.entry(long.class, "a whole number"),
            Map.entry(Integer.class, "a whole number"),
            Map.entry(int.class, "a whole number"),
            Map.entry(UUID.class, AN_ID),
            Map.entry(Instant.class, "a time like 2026-01-31T12:00:00Z"));

    private JsonFaults() {}

    /** JSON that a field of the request cannot take. */
    static Problem.Error of(MismatchedInputException failure) {
        String detail = switch (failure) {
            case UnrecognizedPropertyException unknown ->
                "is not a known field. The fields are: " + names(unknown.getKnownPropertyIds());
            case InvalidNullException missing -> "must not contain null";
            default ->
                failure.getPath().isEmpty() && type(failure.getTargetType()).equals(OBJECT)
                        ? "the body must be a JSON object"
                        : "must be " + type(failure.getTargetType()) + unit(failure.getPath());
        };
        return new Problem.Error(pointer(failure.getPath()), detail);
    }

    /** Text that is not JSON, with its line and column. */
    static Problem.Error of(JsonProcessingException broken) {
        if (broken instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()) {
            return new Problem.Error(
                    pointer(mapping.getPath()),
                    broken.getCause() instanceof InputCoercionException
                            ? "must be a smaller number"
                            : "cannot be read; for example, a number may be too large");
        }
        boolean twice = String.valueOf(broken.getOriginalMessage()).startsWith("Duplicate field");
        String where = broken.getLocation() == null
                ? ""
                : " at line " + broken.getLocation().getLineNr() + ", column "
                        + broken.getLocation().getColumnNr();
        return new Problem.Error("", (twice ? "the body has a field twice" : "the body is not valid JSON") + where);
    }

    /** The unit of a number: a field whose name ends in {@code _in} counts seconds. */
    private static String unit(List<JsonMappingException.Reference> path) {
        String field = path.isEmpty() ? null : path.getLast().getFieldName();
        return field != null && field.endsWith("_in") ? " of seconds" : "";
    }

    private static String names(@Nullable Collection<Object> fields) {
        return fields == null
                ? "none"
                : fields.stream().map(String::valueOf).sorted().collect(Collectors.joining(", "));
    }

    private static String type(@Nullable Class<?> target) {
        if (target == null) {
            return "of another type";
        }
        if (Collection.class.isAssignableFrom(target)) {
            return "an array of strings";
        }
        return TYPES.getOrDefault(target, OBJECT);
    }

    /** {@code name} if it may be quoted. */
    static String shown(String name) {
        return FIELD.matcher(name).matches() ? name : "?";
    }

    private static String pointer(List<JsonMappingException.Reference> path) {
        String pointer = path.stream()
                .map(step -> step.getFieldName() == null ? String.valueOf(step.getIndex()) : step.getFieldName())
                .map(step -> "/" + shown(step))
                .collect(Collectors.joining());
        return pointer.substring(0, Math.min(pointer.length(), MAX_POINTER_LENGTH));
    }
}
