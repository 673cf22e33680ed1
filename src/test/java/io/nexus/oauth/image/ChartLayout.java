package io.nexus.oauth.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The Helm chart as a registry keeps it: an image layout of the Open Container Initiative (image-spec 1.1, image-layout.md) with one
 * manifest, whose media types are Helm's. {@code oras} and {@code skopeo} copy it into a registry, and {@code helm} installs it from there.
 */
final class ChartLayout {

    private static final String INDEX = "application/vnd.oci.image.index.v1+json";
    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final String CONFIG = "application/vnd.cncf.helm.config.v1+json";
    private static final String CONTENT = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
    static final String TAG = "org.opencontainers.image.ref.name";

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path chart;
    private final Path layout;
    private final Instant time;

    private ChartLayout(Path chart, Path layout, Instant time) {
        this.chart = chart;
        this.layout = layout;
        this.time = time;
    }

    /**
     * What was written.
     *
     * @param archive the chart as {@code helm package} names it, beside the layout
     * @param version the chart's version, which is its tag
     * @param digest the digest of the manifest, {@code sha256:…}
     */
    record Written(Path archive, String version, String digest) {}

    /** Writes the layout into the folder {@code layout}, and the archive beside it. Equal charts give equal digests. */
    static Written write(Path chart, Path layout, Instant time) throws IOException {
        return new ChartLayout(chart, layout, time).write();
    }

    private Written write() throws IOException {
        ObjectNode metadata = (ObjectNode)
                new YAMLMapper().readTree(chart.resolve("Chart.yaml").toFile());
        String name = metadata.path("name").asText();
        String version = metadata.path("version").asText();
        byte[] archive = Archive.of(packed(name), time);
        Files.createDirectories(layout.resolve("blobs/sha256"));
        ObjectNode manifest = JSON.createObjectNode().put("schemaVersion", 2).put("mediaType", MANIFEST);
        manifest.set("config", blob(CONFIG, JSON.writeValueAsBytes(metadata)));
        manifest.set("layers", JSON.createArrayNode().add(blob(CONTENT, archive)));
        manifest.set("annotations", annotations(metadata));
        ObjectNode entry = blob(MANIFEST, JSON.writeValueAsBytes(manifest));
        entry.putObject("annotations").put(TAG, version);
        ObjectNode index = JSON.createObjectNode().put("schemaVersion", 2).put("mediaType", INDEX);
        index.set("manifests", JSON.createArrayNode().add(entry));
        Files.write(layout.resolve("index.json"), JSON.writeValueAsBytes(index));
        Files.writeString(layout.resolve("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}");
        Path file = Files.write(layout.resolveSibling(name + "-" + version + ".tgz"), archive);
        return new Written(file, version, entry.path("digest").asText());
    }

    /** The files that Helm would pack; it reads {@code Chart.yaml} first. */
    private Map<String, Path> packed(String name) throws IOException {
        List<PathMatcher> ignored = Files.readAllLines(chart.resolve(".helmignore")).stream()
                .map(pattern -> FileSystems.getDefault().getPathMatcher("glob:" + pattern.replaceFirst("/$", "")))
                .toList();
        Map<String, Path> files = new LinkedHashMap<>();
        files.put(name + "/Chart.yaml", chart.resolve("Chart.yaml"));
        Archive.files(chart, name).forEach((entry, file) -> {
            if (ignored.stream().noneMatch(each -> matches(each, file))) {
                files.put(entry, file);
            }
        });
        return files;
    }

    private boolean matches(PathMatcher ignored, Path file) {
        for (Path part : chart.relativize(file)) {
            if (ignored.matches(part)) {
                return true;
            }
        }
        return false;
    }

    private ObjectNode annotations(JsonNode metadata) {
        return JSON.createObjectNode()
                .put("org.opencontainers.image.title", metadata.path("name").asText())
                .put(
                        "org.opencontainers.image.version",
                        metadata.path("version").asText())
                .put(
                        "org.opencontainers.image.description",
                        metadata.path("description").asText())
                .put("org.opencontainers.image.created", time.toString());
    }

    private ObjectNode blob(String mediaType, byte[] bytes) throws IOException {
        String digest = Archive.sha256(bytes);
        Files.write(layout.resolve("blobs/sha256").resolve(digest), bytes);
        return JSON.createObjectNode()
                .put("mediaType", mediaType)
                .put("digest", "sha256:" + digest)
                .put("size", bytes.length);
    }
}
