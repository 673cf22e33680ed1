package io.nexus.oauth.access.policy;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.InvalidNullException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads and writes policies: the operator's YAML file, and one line of JSON for each policy in the database. */
final class PolicyText {

    private static final ObjectMapper YAML = new ObjectMapper(YAMLFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .enable(YAMLParser.Feature.EMPTY_STRING_AS_NULL)
                    .build())
            .registerModule(new NonNullLists(Policy.class))
            .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final ObjectMapper JSON = JsonMapper.builder()
            .addModule(new NonNullLists(Policy.class))
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
            .build();

    private PolicyText() {}

    /** The file's policies; throws {@link IllegalArgumentException} that lists all faults. */
    static List<Policy> parse(String yaml) {
        List<String> faults = new ArrayList<>();
        List<Policy> policies = List.of();
        try {
            Document document = YAML.readValue(yaml, Document.class);
            if (document == null
                    || document.policies() == null
                    || document.policies().contains(null)) {
                throw new IllegalArgumentException("must be a map with the list \"policies\"");
            }
            policies = document.policies();
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    "line " + (e.getLocation() == null ? "?" : e.getLocation().getLineNr()) + ": " + reason(e));
        }
        Set<String> names = new HashSet<>();
        for (int i = 0; i < policies.size(); i++) {
            Policy policy = policies.get(i);
            String where = policy.name() == null ? "policy " + (i + 1) : policy.name();
            policy.faults().forEach(fault -> faults.add(where + ": " + fault.pointer() + " " + fault.detail()));
            if (!names.add(where)) {
                faults.add(where + ": /name is used twice");
            }
        }
        if (!faults.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", faults));
        }
        return List.copyOf(policies);
    }

    /** The library's message, unless it would mention classes of the service. */
    private static String reason(JacksonException failure) {
        return switch (failure) {
            case UnrecognizedPropertyException unknown -> unknown.getPropertyName() + " is not a known field";
            case InvalidNullException missing
            when !missing.getPath().isEmpty() ->
                missing.getPath().getLast().getFieldName() + " has no value: remove the limit, or list what it allows";
            case MismatchedInputException unfit -> "does not have the right form";
            default -> failure.getOriginalMessage().lines().findFirst().orElse("");
        };
    }

    static String line(Policy policy) {
        try {
            return JSON.writeValueAsString(policy);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a policy cannot be written", e);
        }
    }

    /** The policy in {@code line}; empty when this version does not understand it, so that it gives no role. */
    static Optional<Policy> parseLine(String line) {
        try {
            return Optional.of(JSON.readValue(line, Policy.class))
                    .filter(policy -> policy.faults().isEmpty());
        } catch (JsonProcessingException e) {
            return Optional.empty();
        }
    }

    private record Document(@Nullable List<Policy> policies) {}
}
