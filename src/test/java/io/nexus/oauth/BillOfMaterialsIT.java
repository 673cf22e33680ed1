package io.nexus.oauth;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The bill of materials beside the package: it names what the package holds, and nothing that changes from build to build. */
class BillOfMaterialsIT {

    private final Path app = Path.of(System.getProperty("nexus.package")).getParent();

    @Test
    void namesEveryLibraryOfThePackage() throws IOException {
        Set<String> named = new TreeSet<>();
        for (JsonNode component : bill().path("components")) {
            assertThat(component.path("purl").asText()).startsWith("pkg:maven/");
            assertThat(component.path("hashes").isEmpty()).isFalse();
            named.add(component.path("group").asText() + "."
                    + component.path("name").asText() + "-"
                    + component.path("version").asText());
        }
        Set<String> packed = new TreeSet<>();
        for (String folder : new String[] {"lib/main", "lib/boot"}) {
            try (Stream<Path> jars = Files.list(app.resolve(folder))) {
                jars.map(jar -> jar.getFileName().toString().replaceFirst("\\.jar$", ""))
                        .forEach(packed::add);
            }
        }

        assertThat(packed).hasSizeGreaterThan(150);
        packed.removeIf(jar -> named.stream().anyMatch(jar::startsWith));
        assertThat(packed).isEmpty();
        try (Stream<Path> jars = Files.list(app.resolveSibling("nexus-cli").resolve("lib"))) {
            assertThat(jars.map(jar -> jar.getFileName().toString().replaceFirst("\\.jar$", ""))
                            .filter(jar -> !jar.equals("nexus-cli")))
                    .hasSizeGreaterThan(5)
                    .allMatch(jar -> named.stream().anyMatch(name -> name.contains("." + jar + "-")));
        }
        assertThat(named)
                .noneMatch(
                        name -> name.matches("(org\\.junit|com\\.code-intelligence|net\\.jqwik|io\\.rest-assured).*"));
    }

    @Test
    void isTheSameForTheSameSource() throws IOException {
        assertThat(bill().has("serialNumber")).isFalse();
        assertThat(bill().path("metadata").has("timestamp")).isFalse();
        assertThat(bill().toString()).doesNotContain(System.getProperty("user.home") + "/", app.toString());
    }

    private JsonNode bill() throws IOException {
        return new ObjectMapper().readTree(app.resolve("nexus-oauth.cdx.json").toFile());
    }
}
