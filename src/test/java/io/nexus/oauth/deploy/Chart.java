package io.nexus.oauth.deploy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.marcnuri.helm.Helm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/** The chart, rendered by Helm itself. */
public final class Chart {

    public static final Path DIRECTORY = Path.of("deploy/helm/nexus-oauth");
    static final YAMLMapper YAML = new YAMLMapper();

    /** What the chart asks for. */
    public static final String REQUIRED = """
            publicUrl: https://oauth.example.com
            database: {url: "postgresql://db.internal:5432/nexus?sslmode=verify-full", existingSecret: nexus-oauth-database, ca: {existingSecret: nexus-oauth-database-ca}}
            encryption: {existingSecret: nexus-oauth-encryption}
            """;

    /** What stands in the place of {@code helm.sh/hook}. */
    static final String HOOK = "was-helm.sh/hook";

    private final Path copy;

    private Chart(Path copy) {
        this.copy = copy;
    }

    /**
     * A copy with two changes, for this build of Helm: it takes an old version of Kubernetes for granted and has no option to say
     * another, so the least version is left out; and it leaves hooks out, so what makes an object one gets another name.
     */
    public static Chart copyTo(Path target) throws IOException {
        return copy(DIRECTORY, target);
    }

    /** The same for a chart that lies elsewhere. */
    public static Chart copy(Path source, Path target) throws IOException {
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = target.resolve(source.relativize(file).toString());
                Files.createDirectories(to.getParent());
                Files.writeString(to, Files.readString(file).replace("\"helm.sh/hook", "\"" + HOOK));
            }
        }
        Path chart = target.resolve("Chart.yaml");
        Files.writeString(chart, Files.readString(chart).replaceAll("(?m)^kubeVersion:.*\n", ""));
        return new Chart(target);
    }

    /** What the linter says; strict: a warning is a failure. It takes no values, so they are merged into a copy's own. */
    String lint(String... values) throws IOException {
        Path linted = Files.createTempDirectory(copy.getParent(), "lint").resolve("nexus-oauth");
        copyTo(linted);
        JsonNode merged = YAML.readTree(linted.resolve("values.yaml").toFile());
        for (String text : values) {
            merged = YAML.readerForUpdating(merged).readValue(text);
        }
        YAML.writeValue(linted.resolve("values.yaml").toFile(), merged);
        var result = new Helm(linted).lint().strict().call();
        return result.isFailed() ? String.join("\n", result.getMessages()) : "";
    }

    /** The text that {@code helm template} prints. */
    public String text(String... values) throws IOException {
        var template = new Helm(copy).template().withName("nexus-oauth").withNamespace("nexus");
        for (Path file : files(values)) {
            template.withValuesFile(file);
        }
        return template.call();
    }

    /** The rendered objects. */
    public List<Map<String, Object>> objects(String... values) throws IOException {
        return parse(text(values));
    }

    private List<Path> files(String... values) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String text : values) {
            files.add(Files.writeString(Files.createTempFile(copy.getParent(), "values", ".yaml"), text));
        }
        return files;
    }

    static List<Map<String, Object>> parse(String text) {
        try (MappingIterator<Map<String, Object>> all = YAML.readerFor(new TypeReference<Map<String, Object>>() {})
                .readValues(new YAMLFactory().createParser(text))) {
            return all.readAll().stream().filter(Objects::nonNull).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(text, e);
        }
    }

    /** The objects of a kind. */
    public static List<Map<String, Object>> of(String kind, List<Map<String, Object>> objects) {
        return objects.stream().filter(each -> kind.equals(each.get("kind"))).toList();
    }

    /** What is at {@code path} ({@code /spec/replicas}); null when nothing is. */
    public static Object at(Map<String, Object> object, String path) {
        var node = YAML.valueToTree(object).at(path);
        return node.isMissingNode() ? null : YAML.convertValue(node, Object.class);
    }
}
