package io.nexus.oauth.docs;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.BeanPropertyDefinition;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.nexus.oauth.access.caller.Role;
import io.quarkus.jackson.ObjectMapperCustomizer;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * JSON Schemas of the records of the wire. Names come from the Jackson of the service, texts from the Javadoc, bounds from the
 * texts of the API.
 */
final class Schemas {

    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final String REQUIRED = "Required";
    private static final Pattern DEFAULT = Pattern.compile("The default is `(\\w+)`$");

    /** {@code type} and, after a colon, {@code format}. */
    private static final Map<Class<?>, String> SIMPLE = Map.ofEntries(
            Map.entry(String.class, "string"),
            Map.entry(UUID.class, "string:uuid"),
            Map.entry(Instant.class, "string:date-time"),
            Map.entry(LocalDate.class, "string:date"),
            Map.entry(boolean.class, "boolean"),
            Map.entry(Boolean.class, "boolean"),
            Map.entry(long.class, "integer:int64"),
            Map.entry(Long.class, "integer:int64"),
            Map.entry(int.class, "integer:int32"));

    private final ObjectMapper wire = wire();
    private final JsonNode fields;
    private final Map<String, ObjectNode> all = new TreeMap<>();

    /** With the rules for fields in {@code fields}. */
    Schemas(JsonNode fields) {
        this.fields = fields;
    }

    /** The Jackson of the service. */
    private static ObjectMapper wire() {
        try {
            var form = Class.forName("io.nexus.oauth.rest.WireFormat").getDeclaredConstructor();
            form.setAccessible(true);
            ObjectMapper mapper = new ObjectMapper();
            ((ObjectMapperCustomizer) form.newInstance()).customize(mapper);
            return mapper;
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    /** The schemas that were asked for, and those that they refer to, by their names. */
    Map<String, ObjectNode> all() {
        return all;
    }

    /** A reference to the schema of {@code type}: a record, or a page of records. */
    ObjectNode reference(Type type) {
        if (type instanceof ParameterizedType page) {
            return page((Class<?>) page.getActualTypeArguments()[0]);
        }
        Class<?> record = (Class<?>) type;
        String name = name(record);
        if (!all.containsKey(name)) {
            all.put(name, NODES.objectNode());
            all.put(name, schema(record));
        }
        return to(name);
    }

    /** The schema of a parameter of the type {@code type}. */
    static ObjectNode simple(Class<?> type) {
        String[] parts = SIMPLE.getOrDefault(type, "string").split(":");
        ObjectNode schema = NODES.objectNode().put("type", parts[0]);
        return parts.length > 1 ? schema.put("format", parts[1]) : schema;
    }

    private ObjectNode page(Class<?> item) {
        String name = "PageOf" + name(item);
        ObjectNode items = NODES.objectNode();
        items.put("type", "array").put("description", "The items of the page.").set("items", reference(item));
        ObjectNode next = NODES.objectNode();
        next.set("type", NODES.arrayNode().add("string").add("null"));
        next.put("description", "The `cursor` of the next page; null on the last page.");
        ObjectNode schema = NODES.objectNode();
        schema.put("description", "A page of `" + name(item) + "`.").put("type", "object");
        schema.set("required", NODES.arrayNode().add("items").add("next"));
        ObjectNode properties = schema.putObject("properties");
        properties.set("items", items);
        properties.set("next", next);
        all.put(name, schema);
        return to(name);
    }

    private static ObjectNode to(String name) {
        return NODES.objectNode().put("$ref", "#/components/schemas/" + name);
    }

    /** Records in records have the name of both: {@code ProblemError}, {@code OverviewCounts}. */
    private static String name(Class<?> record) {
        Class<?> outer = record.getEnclosingClass();
        return outer == null
                ? record.getSimpleName()
                : outer.getSimpleName().replaceFirst("View$", "") + record.getSimpleName();
    }

    private ObjectNode schema(Class<?> record) {
        boolean request = record.getSimpleName().endsWith("Request");
        Class<?> outer = record.getEnclosingClass();
        Sources.Type source = Records.wire(
                outer == null ? record.getSimpleName() : outer.getSimpleName() + "." + record.getSimpleName());
        ObjectNode schema = NODES.objectNode();
        schema.put("description", Records.text(source)).put("type", "object");
        ArrayNode required = NODES.arrayNode();
        ObjectNode properties = NODES.objectNode();
        List<Records.Component> texts = Records.of(source);
        RecordComponent[] components = record.getRecordComponents();
        for (int at = 0; at < components.length; at++) {
            String name = wireName(record, components[at]);
            properties.set(name, property(record, name, components[at], texts.get(at)));
            if (request ? texts.get(at).text().endsWith(REQUIRED) : isAlwaysThere(record, components[at])) {
                required.add(name);
            }
        }
        if (!required.isEmpty()) {
            schema.set("required", required);
        }
        if (request) {
            schema.put("additionalProperties", false);
        }
        schema.set("properties", properties);
        fields.path(name(record)).fieldNames().forEachRemaining(field -> {
            if (!properties.has(field)) {
                throw new AssertionError("api.yaml: " + name(record) + " has no field " + field);
            }
        });
        return schema;
    }

    private String wireName(Class<?> record, RecordComponent component) {
        return wire.getSerializationConfig().introspect(wire.constructType(record)).findProperties().stream()
                .filter(each -> each.getInternalName().equals(component.getName()))
                .map(BeanPropertyDefinition::getName)
                .findFirst()
                .orElseThrow(() -> new AssertionError(record + " does not show " + component));
    }

    private ObjectNode property(Class<?> record, String name, RecordComponent component, Records.Component text) {
        boolean request = record.getSimpleName().endsWith("Request");
        boolean orNull = !request && isNullable(component) && isAlwaysThere(record, component);
        ObjectNode type = orNull ? nullable(type(component.getGenericType())) : type(component.getGenericType());
        boolean roles = name.equals("roles");
        Collection<String> values = roles
                ? Stream.of(Role.values()).map(Role::label).toList()
                : text.values().keySet();
        if (!values.isEmpty()) {
            ArrayNode list =
                    (roles ? (ObjectNode) type.get("items") : type).putArray(request ? "enum" : "x-extensible-enum");
            values.forEach(list::add);
        }
        Matcher otherwise = DEFAULT.matcher(text.text());
        if (request && otherwise.find()) {
            boolean flag = type.path("type").asText().equals("boolean");
            type.set(
                    "default",
                    flag
                            ? NODES.booleanNode(Boolean.parseBoolean(otherwise.group(1)))
                            : NODES.textNode(otherwise.group(1)));
        }
        fields.path(record.getSimpleName())
                .path(name)
                .properties()
                .forEach(rule -> type.set(rule.getKey(), rule.getValue()));
        return type.put("description", Markdown.sentence(text.text()));
    }

    private ObjectNode type(Type type) {
        if (type instanceof ParameterizedType generic) {
            Type inner = generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1];
            boolean map = generic.getRawType() == Map.class;
            ObjectNode schema = NODES.objectNode().put("type", map ? "object" : "array");
            schema.set(map ? "additionalProperties" : "items", type(inner));
            return schema;
        }
        Class<?> simple = (Class<?>) type;
        if (simple == Object.class) {
            return NODES.objectNode();
        }
        return SIMPLE.containsKey(simple) ? simple(simple) : reference(simple);
    }

    private static ObjectNode nullable(ObjectNode type) {
        if (type.has("$ref")) {
            ObjectNode either = NODES.objectNode();
            either.putArray("oneOf").add(type).addObject().put("type", "null");
            return either;
        }
        type.set("type", NODES.arrayNode().add(type.get("type")).add("null"));
        return type;
    }

    private static boolean isNullable(RecordComponent component) {
        return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    }

    /** A field without a value is null, unless the record leaves such fields out. */
    private static boolean isAlwaysThere(Class<?> record, RecordComponent component) {
        boolean leavesOut = record.isAnnotationPresent(JsonInclude.class);
        return !leavesOut || !isNullable(component);
    }
}
