package io.nexus.oauth.provider.entry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A map of a catalogue file that is being read. Nothing is ignored silently: a value of the wrong type or an unknown
 * key becomes a finding that names the file, the provider and the key. Reading continues, so that all findings are
 * reported at once.
 */
public final class CatalogueSection {

    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(s|min|h|d|mo|y)?");
    private static final Pattern HOST = Pattern.compile("\\.?[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)*");
    private static final Map<String, Long> SECONDS =
            Map.of("s", 1L, "min", 60L, "h", 3_600L, "d", 86_400L, "mo", 2_592_000L, "y", 31_536_000L);

    private final String where;
    private final String path;
    private final JsonNode node;
    private final List<String> findings;
    private final Set<String> known = new HashSet<>();

    /** Reads {@code node}, which stands at {@code path} of the entry that {@code where} names; collects {@code findings}. */
    public CatalogueSection(String where, String path, JsonNode node, List<String> findings) {
        this.where = where;
        this.path = path;
        this.findings = findings;
        boolean usable = node.isObject() || node.isMissingNode() || node.isNull();
        this.node = usable ? node : JsonNodeFactory.instance.objectNode();
        if (!usable) {
            findings.add(where + ": " + path + ": must be a map");
        }
    }

    /** Adds a finding about {@code key}. */
    public void fault(String key, String message) {
        findings.add(where + ": " + (path.isEmpty() ? key : path + "." + key) + ": " + message);
    }

    /** Whether {@code key} has a value. */
    public boolean has(String key) {
        return !value(key).isMissingNode();
    }

    /** Whether the value of {@code key} is a map. */
    public boolean isMap(String key) {
        return value(key).isObject();
    }

    /** The map of {@code key}; an empty one when there is none. */
    public CatalogueSection child(String key) {
        return new CatalogueSection(where, path.isEmpty() ? key : path + "." + key, value(key), findings);
    }

    /** Reports keys that were not read. */
    public void finish() {
        node.fieldNames().forEachRemaining(key -> {
            if (!known.contains(key)) {
                fault(key, "unknown or unsupported key");
            }
        });
    }

    /** The raw value of {@code key}. */
    public JsonNode node(String key) {
        return node.path(key);
    }

    /** The keys, in order. */
    public List<String> keys() {
        List<String> keys = new ArrayList<>();
        node.fieldNames().forEachRemaining(keys::add);
        return keys;
    }

    /** The text of {@code key}, or null. */
    public @Nullable String text(String key) {
        JsonNode value = value(key);
        if (value.isMissingNode() || value.isTextual()) {
            return value.textValue();
        }
        fault(key, "must be text");
        return null;
    }

    /** Text, a number or a flag, as text. */
    public @Nullable String scalar(String key) {
        JsonNode value = value(key);
        return value.isMissingNode() ? null : scalar(key, value);
    }

    /** The text of {@code key}, or {@code fallback}. */
    public String text(String key, String fallback) {
        String text = text(key);
        return text == null ? fallback : text;
    }

    /** The flag of {@code key}, or {@code fallback}. */
    public boolean flag(String key, boolean fallback) {
        JsonNode value = value(key);
        if (!value.isMissingNode() && !value.isBoolean()) {
            fault(key, "must be true or false");
        }
        return value.isBoolean() ? value.booleanValue() : fallback;
    }

    /** One of the constants of {@code fallback}'s enum, in lower case. */
    public <E extends Enum<E>> E choice(String key, E fallback) {
        JsonNode value = value(key);
        if (value.isMissingNode()) {
            return fallback;
        }
        E[] constants = fallback.getDeclaringClass().getEnumConstants();
        for (E constant : constants) {
            if (constant.name().toLowerCase(Locale.ROOT).equals(value.asText())) {
                return constant;
            }
        }
        fault(key, "must be one of " + Arrays.toString(constants).toLowerCase(Locale.ROOT));
        return fallback;
    }

    /** One of {@code allowed}, whose first is the default. */
    public String oneOf(String key, String... allowed) {
        String text = text(key, allowed[0]);
        if (!List.of(allowed).contains(text)) {
            fault(key, "must be one of " + Arrays.toString(allowed));
        }
        return text;
    }

    /** A duration: seconds, or a number with one of the units s, min, h, d, mo, y. */
    public @Nullable Duration duration(String key) {
        JsonNode value = value(key);
        if (value.isMissingNode()) {
            return null;
        }
        Matcher matcher = DURATION.matcher(value.asText());
        if (!matcher.matches()) {
            fault(key, "must be a duration of zero or more, such as 3600 or 90d");
            return null;
        }
        long unit = matcher.group(2) == null ? 1 : SECONDS.getOrDefault(matcher.group(2), 1L);
        return Duration.ofSeconds(Math.multiplyExact(Long.parseLong(matcher.group(1)), unit));
    }

    /** As {@link #duration(String)}, or {@code fallback}. */
    public Duration duration(String key, Duration fallback) {
        Duration duration = duration(key);
        return duration == null ? fallback : duration;
    }

    /** The texts of {@code key}; none when there is no such list. */
    public List<String> list(String key) {
        JsonNode value = value(key);
        List<String> texts = new ArrayList<>();
        if (!value.isMissingNode() && !value.isArray()) {
            fault(key, "must be a list");
        } else {
            value.forEach(each -> texts.add(scalar(key, each)));
        }
        return List.copyOf(texts);
    }

    /** A list of host names and {@code .suffixes} of them; null when there is none. */
    public @Nullable List<String> hosts(String key) {
        if (!has(key)) {
            return null;
        }
        List<String> hosts = list(key);
        if (!hosts.stream().allMatch(host -> HOST.matcher(host).matches())) {
            fault(key, "must hold host names, or suffixes of them that start with a dot");
        }
        return hosts;
    }

    /** The texts of the map {@code key}, in order. */
    public Map<String, String> map(String key) {
        Map<String, String> texts = new LinkedHashMap<>();
        CatalogueSection child = child(key);
        for (String each : child.keys()) {
            texts.put(each, child.scalar(each, child.value(each)));
        }
        return texts;
    }

    /** A list of HTTP statuses. */
    public Set<Integer> statuses(String key) {
        return list(key).stream()
                .filter(text -> {
                    boolean status = text.matches("[1-5]\\d\\d");
                    if (!status) {
                        fault(key, "must hold HTTP statuses");
                    }
                    return status;
                })
                .map(Integer::valueOf)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** A JSON pointer. */
    public @Nullable String pointer(String key) {
        String text = text(key);
        return text == null ? null : checkedPointer(key, text);
    }

    /** A list of JSON pointers. */
    public List<String> pointers(String key) {
        return list(key).stream().map(text -> checkedPointer(key, text)).toList();
    }

    private String checkedPointer(String key, String text) {
        if (!text.startsWith("/")) {
            fault(key, "must be a JSON pointer, which starts with /");
            return "/";
        }
        return text;
    }

    private String scalar(String key, JsonNode value) {
        if (!value.isValueNode() || value.isNull()) {
            fault(key, "must be text");
        }
        return value.asText();
    }

    /** A copy that cannot be changed and keeps the order of what was written. */
    public static <V> Map<String, V> inOrder(Map<String, V> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    private JsonNode value(String key) {
        known.add(key);
        JsonNode value = node.path(key);
        return value.isNull() ? MissingNode.getInstance() : value;
    }
}
