package io.nexus.oauth.docs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.nexus.oauth.provider.catalogue.CatalogueReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Lists the built-in providers with what a client registration has to know of them. */
final class BuiltInProviders {

    private static final Path RESOURCES = Path.of("src/main/resources");

    private BuiltInProviders() {}

    /** One item for each provider of the catalogue. */
    static String list() throws IOException {
        ObjectMapper yaml = new ObjectMapper(new YAMLFactory());
        ObjectNode providers = yaml.createObjectNode();
        for (String file : CatalogueReader.BUILT_IN) {
            providers.setAll(
                    (ObjectNode) yaml.readTree(RESOURCES.resolve(file).toFile()).get("providers"));
        }
        return providers.properties().stream()
                .map(each -> Markdown.item("`%s`: %s. Rotation `%s`. %s"
                        .formatted(
                                each.getKey(),
                                each.getValue().path("name").asText(each.getKey()),
                                inherited(providers, each.getValue(), "/refresh/rotation"),
                                variables(providers, each.getValue()))))
                .collect(Collectors.joining("\n"));
    }

    private static String inherited(JsonNode providers, @Nullable JsonNode provider, String pointer) {
        JsonNode own = provider == null ? MissingNode.getInstance() : provider.at(pointer);
        boolean extending = own.isMissingNode() && provider != null && provider.has("extends");
        return extending
                ? inherited(providers, providers.get(provider.get("extends").asText()), pointer)
                : own.asText("maybe");
    }

    private static String variables(JsonNode providers, JsonNode provider) {
        JsonNode own = provider.has("vars") || !provider.has("extends")
                ? provider.path("vars")
                : providers.path(provider.get("extends").asText()).path("vars");
        return own.isEmpty()
                ? "No variables."
                : "Variables: "
                        + own.properties().stream()
                                .filter(each -> each.getValue()
                                        .path("from")
                                        .asText("input")
                                        .equals("input"))
                                .map(each -> Markdown.code(each.getKey())
                                        + (each.getValue().has("default")
                                                ? " (default "
                                                        + Markdown.code(each.getValue()
                                                                .get("default")
                                                                .asText()) + ")"
                                                : each.getValue()
                                                                .path("optional")
                                                                .asBoolean()
                                                        ? " (optional)"
                                                        : ""))
                                .collect(Collectors.joining(", "))
                        + ".";
    }
}
