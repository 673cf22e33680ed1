package io.nexus.oauth.provider.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.nexus.oauth.provider.Providers;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The files of the built-in catalogue. */
class BuiltInCatalogueTest {

    private static final Path FOLDER = Path.of("src/main/resources/providers/catalogue");

    @Test
    void eachFileIsRead() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            assertThat(CatalogueReader.BUILT_IN)
                    .containsExactlyInAnyOrderElementsOf(files.map(file -> "providers/catalogue/" + file.getFileName())
                            .toList());
        }
    }

    @Test
    void aProviderIsInOneFile() throws IOException {
        CatalogueReader reader = new CatalogueReader(Providers.RULE);
        String entries = "providers: {%s: {authorize: {url: 'https://a.example'}, token: {url: 'https://a.example'}}}";
        reader.addBuiltIn("a.yaml", file(entries.formatted("mine")));
        reader.addBuiltIn("b.yaml", file(entries.formatted("yours")));
        reader.addBuiltIn("c.yaml", file(entries.formatted("mine")));

        assertThatIllegalStateException()
                .isThrownBy(reader::profiles)
                .withMessageContaining("1 faults")
                .withMessageContaining("c.yaml: mine: is in a.yaml, too");
    }

    /** The build unpacks the icons that {@code src/main/icons.txt} names. */
    @Test
    void eachIconIsThere() {
        List<String> icons = CatalogueReader.read(List.of(), Providers.RULE).stream()
                .map(profile -> profile.display().icon())
                .filter(Objects::nonNull)
                .distinct()
                .toList();

        assertThat(icons)
                .hasSizeGreaterThan(10)
                .allSatisfy(
                        icon -> assertThat(getClass().getResource("/META-INF/resources/assets/icons/" + icon + ".svg"))
                                .isNotNull());
    }

    private static ByteArrayInputStream file(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }
}
