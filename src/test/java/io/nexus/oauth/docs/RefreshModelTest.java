package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Each guard of the model of the refresh protocol is tried by the script and explained by the page. */
class RefreshModelTest {

    private static final Path MODEL = Path.of("src/test/spin/refresh.pml");
    private static final Path SCRIPT = Path.of("src/test/spin/check");
    private static final Path PAGE = Path.of("src/site/markdown/concepts/refresh-model.md");

    @Test
    void everyGuardIsTriedAndExplained() throws IOException {
        Set<String> guards = found(MODEL, "(?:#ifdef|#ifndef|defined\\() ?(NO_[A-Z_]+)");

        assertThat(guards).hasSizeGreaterThan(20);
        assertThat(found(SCRIPT, "(?m)^(NO_[A-Z_]+) +-D")).isEqualTo(guards);
        assertThat(found(PAGE, "(?m)^\\| `(NO_[A-Z_]+)` \\|")).isEqualTo(guards);
    }

    private static Set<String> found(Path file, String pattern) throws IOException {
        return Pattern.compile(pattern)
                .matcher(Files.readString(file))
                .results()
                .map(match -> match.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
