package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;

/** {@code provider-file.md}: the keys from the JSON Schema of provider files. */
final class ProviderFilePage implements Page {

    private static final Path SCHEMA = Path.of("src/main/resources/providers/provider.schema.json");
    private static final Map<String, String> TYPES = Map.of(
            "url", "URL template",
            "pointer", "JSON pointer",
            "pointers", "list of JSON pointers",
            "words", "map of texts, or of texts by language",
            "list", "list",
            "texts", "map",
            "templates", "map of templates",
            "claims", "map of templates",
            "headers", "map of headers",
            "duration", "duration");

    private final Map<String, String> defaults = defaults();

    @Override
    public String name() {
        return "provider-file";
    }

    @Override
    public Map<String, String> parts(List<String> places) throws IOException {
        JsonNode keys = new ObjectMapper().readTree(SCHEMA.toFile()).at("/definitions/provider/properties");
        Map<String, String> parts = new LinkedHashMap<>();
        StringBuilder plain = new StringBuilder();
        List<String> sections = new ArrayList<>();
        keys.properties().forEach(key -> {
            List<String> items = new ArrayList<>();
            members(key.getValue())
                    .forEach(member -> add(items, key.getKey() + "." + member.getKey(), member.getValue()));
            if (items.isEmpty()) {
                add(items, key.getKey(), key.getValue());
                plain.append(items.getFirst()).append('\n');
            } else {
                String about = key.getValue().get("description").asText();
                sections.add(
                        "### " + key.getKey() + "\n\n" + Markdown.wrapped(about) + "\n\n" + String.join("\n", items));
            }
        });
        assertThat(defaults.keySet())
                .as("keys with a default that no section has")
                .isSubsetOf(shown(sections));
        parts.put("entry", plain.toString());
        parts.put("sections", String.join("\n\n", sections));
        return parts;
    }

    private static List<String> shown(List<String> sections) {
        return String.join("\n", sections)
                .lines()
                .filter(line -> line.startsWith("- `"))
                .map(line -> line.replaceFirst("- `([^`]+)`.*", "$1"))
                .toList();
    }

    private void add(List<String> items, String path, JsonNode node) {
        List<Map.Entry<String, JsonNode>> members = members(node);
        if (!members.isEmpty() && !node.has("anyOf")) {
            members.forEach(member -> add(items, path + "." + member.getKey(), member.getValue()));
            return;
        }
        String fallback = defaults.get(path);
        items.add(Markdown.item("`%s`: %s%s. %s"
                .formatted(
                        path,
                        type(node),
                        fallback == null ? "" : ", default " + Markdown.code(fallback),
                        node.get("description").asText())));
    }

    /** The keys of a map, or of the values of a map whose keys are the operator's. */
    private static List<Map.Entry<String, JsonNode>> members(JsonNode node) {
        if (node.has("properties")) {
            return List.copyOf(node.get("properties").properties());
        }
        if (node.path("additionalProperties").has("properties")) {
            return node.get("additionalProperties").get("properties").properties().stream()
                    .map(each -> Map.entry("<name>." + each.getKey(), each.getValue()))
                    .toList();
        }
        return StreamSupport.stream(node.path("anyOf").spliterator(), false)
                .flatMap(each -> members(each).stream())
                .toList();
    }

    private static String type(JsonNode node) {
        if (node.has("enum")) {
            List<String> values = new ArrayList<>();
            node.get("enum").forEach(value -> values.add(value.isNull() ? "" : Markdown.code(value.asText())));
            values.remove("");
            return String.join(", ", values.subList(0, values.size() - 1)) + " or " + values.getLast();
        }
        if (node.has("$ref")) {
            return TYPES.get(node.get("$ref").asText().replaceFirst(".*/", ""));
        }
        if (node.has("const")) {
            return Markdown.code(node.get("const").asText());
        }
        if (node.has("anyOf")) {
            return StreamSupport.stream(node.get("anyOf").spliterator(), false)
                    .map(ProviderFilePage::type)
                    .distinct()
                    .collect(Collectors.joining(" or "));
        }
        String type = node.path("type").isArray()
                ? node.get("type").get(0).asText()
                : node.path("type").asText();
        return switch (type) {
            case "boolean" -> "`true` or `false`";
            case "array" -> "list";
            case "integer" -> "number";
            default -> "text";
        };
    }

    /** What a provider is of which only the name is known. */
    private static Map<String, String> defaults() {
        ProviderProfile profile = new ProviderProfile("x", "x");
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("authorize.pkce", profile.authorize().pkce());
        values.put("token.auth", profile.token().auth());
        values.put("token.body", profile.token().body());
        values.put("refresh.rotation", profile.refresh().rotation());
        values.put("refresh.send_scope", profile.refresh().sendScope());
        values.put("refresh.grace_s", profile.refresh().grace().toSeconds());
        values.put("refresh.kills_access_token", profile.refresh().revokesAccessToken());
        values.put("refresh.reuse_kills_grant", profile.refresh().reuseRevokesGrant());
        values.put("response.unit", profile.response().unit());
        values.put("revoke.style", profile.revoke().style());
        values.put("revoke.body", profile.revoke().body());
        values.put("revoke.token", profile.revoke().token());
        values.put("revoke.ends", profile.revoke().endsGrant() ? "grant" : "token");
        values.put("identity.from", profile.identity().from());
        values.put("identity.method", profile.identity().method());
        return values.entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey,
                        each -> each.getValue() instanceof Enum<?> constant
                                ? constant.name().toLowerCase(Locale.ROOT)
                                : String.valueOf(each.getValue())));
    }
}
