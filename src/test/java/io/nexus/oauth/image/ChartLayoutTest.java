package io.nexus.oauth.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.nexus.oauth.deploy.Chart;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Reads the layout of the chart back as a registry's client does: each digest holds, and the chart inside renders. */
class ChartLayoutTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    /** As in the image specification and in Helm's documentation of its OCI support. */
    private static final String INDEX = "application/vnd.oci.image.index.v1+json";

    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final String CONFIG = "application/vnd.cncf.helm.config.v1+json";
    private static final String CONTENT = "application/vnd.cncf.helm.chart.content.v1.tar+gzip";
    private static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path directory;

    private ChartLayout.Written written;
    private Path layout;

    @BeforeEach
    void write() throws IOException {
        layout = directory.resolve("chart");
        written = ChartLayout.write(Chart.DIRECTORY, layout, TIME);
    }

    /** The content that a descriptor names: of that size and of that digest. */
    private byte[] content(JsonNode descriptor, String mediaType) throws IOException {
        assertThat(descriptor.path("mediaType").asText()).isEqualTo(mediaType);
        String digest = descriptor.path("digest").asText();
        assertThat(digest).matches("sha256:[0-9a-f]{64}");
        byte[] bytes = Files.readAllBytes(layout.resolve("blobs").resolve(digest.replace(':', '/')));
        assertThat(bytes).hasSize(descriptor.path("size").asInt());
        assertThat("sha256:" + Archive.sha256(bytes)).isEqualTo(digest);
        return bytes;
    }

    private JsonNode entry() throws IOException {
        JsonNode index = JSON.readTree(layout.resolve("index.json").toFile());
        assertThat(index.path("mediaType").asText()).isEqualTo(INDEX);
        assertThat(index.path("manifests")).hasSize(1);
        return index.at("/manifests/0");
    }

    @Test
    void everyDigestHoldsAndTheMediaTypesAreHelms() throws IOException {
        assertThat(JSON.readTree(layout.resolve("oci-layout").toFile())
                        .path("imageLayoutVersion")
                        .asText())
                .isEqualTo("1.0.0");
        JsonNode entry = entry();
        assertThat(entry.path("digest").asText()).isEqualTo(written.digest());
        assertThat(entry.path("annotations").path(ChartLayout.TAG).asText()).isEqualTo(written.version());
        JsonNode manifest = JSON.readTree(content(entry, MANIFEST));
        JsonNode chart =
                new YAMLMapper().readTree(Chart.DIRECTORY.resolve("Chart.yaml").toFile());
        assertThat(JSON.readTree(content(manifest.path("config"), CONFIG))).isEqualTo(chart);
        assertThat(manifest.path("layers")).hasSize(1);
        byte[] archive = content(manifest.at("/layers/0"), CONTENT);
        assertThat(Files.readAllBytes(written.archive())).isEqualTo(archive);
        assertThat(written.archive())
                .hasFileName("nexus-oauth-" + chart.path("version").asText() + ".tgz");
        try (Stream<Path> blobs = Files.list(layout.resolve("blobs/sha256"))) {
            assertThat(blobs).as("manifest, configuration, chart").hasSize(3);
        }
    }

    @Test
    void theChartInsideRendersAsTheOneInTheFolder() throws IOException {
        JsonNode manifest = JSON.readTree(content(entry(), MANIFEST));
        Path unpacked = directory.resolve("unpacked");
        List<String> names = new ArrayList<>();
        try (TarArchiveInputStream tar = new TarArchiveInputStream(
                new GZIPInputStream(new ByteArrayInputStream(content(manifest.at("/layers/0"), CONTENT))))) {
            for (TarArchiveEntry each = tar.getNextEntry(); each != null; each = tar.getNextEntry()) {
                assertThat(each.getLastModifiedDate().toInstant()).isEqualTo(TIME);
                names.add(each.getName());
                Path file = unpacked.resolve(each.getName());
                Files.createDirectories(file.getParent());
                Files.write(file, tar.readAllBytes());
            }
        }
        assertThat(names).startsWith("nexus-oauth/Chart.yaml").doesNotHaveDuplicates();
        try (Stream<Path> files = Files.walk(Chart.DIRECTORY)) {
            assertThat(names)
                    .containsExactlyInAnyOrderElementsOf(files.filter(Files::isRegularFile)
                            .map(file -> "nexus-oauth/" + Chart.DIRECTORY.relativize(file))
                            .toList());
        }
        String inside = Chart.copy(unpacked.resolve("nexus-oauth"), directory.resolve("a/nexus-oauth"))
                .text(Chart.REQUIRED);
        String outside = Chart.copyTo(directory.resolve("b/nexus-oauth")).text(Chart.REQUIRED);
        assertThat(inside).isEqualTo(outside).contains("kind: StatefulSet");
    }

    @Test
    void equalChartsHaveEqualDigests() throws IOException {
        Path copy = directory.resolve("copy/nexus-oauth");
        try (Stream<Path> files = Files.walk(Chart.DIRECTORY)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path to = copy.resolve(Chart.DIRECTORY.relativize(file).toString());
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
        }
        Files.writeString(copy.resolve("notes.tmp"), "what .helmignore names is left out");
        assertThat(ChartLayout.write(copy, directory.resolve("again/chart"), TIME)
                        .digest())
                .isEqualTo(written.digest());
        Files.writeString(copy.resolve("values.yaml"), "replicas: 3\n");
        assertThat(ChartLayout.write(copy, directory.resolve("other/chart"), TIME)
                        .digest())
                .isNotEqualTo(written.digest());
    }

    /** The chart installs the image of the same build unless the operator names another. */
    @Test
    void theChartNamesTheImageOfThisBuild() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"), StandardCharsets.UTF_8);
        String version = pom.replaceFirst("(?s).*?<artifactId>nexus-oauth</artifactId>\\s*<version>([^<]+)<.*", "$1");
        assertThat(new YAMLMapper()
                        .readTree(Chart.DIRECTORY.resolve("Chart.yaml").toFile())
                        .path("appVersion")
                        .asText())
                .isEqualTo(version);
    }
}
