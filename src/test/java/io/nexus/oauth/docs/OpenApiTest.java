package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;

/** The OpenAPI document in the repository is what its sources say. */
class OpenApiTest {

    private static final String HEAD =
            "# Generated. Edit the sources or src/test/resources/io/nexus/oauth/docs/api.yaml, then run:\n#     "
                    + Template.WRITE + "\n";

    @Test
    void documentIsWhatItsSourcesSay() throws IOException {
        String content = HEAD + OpenApi.yaml(OpenApi.document());
        if ("write".equals(System.getProperty("nexus.docs"))) {
            Files.writeString(OpenApi.FILE, content);
        }
        String present = Files.exists(OpenApi.FILE) ? Files.readString(OpenApi.FILE) : "";
        assertThat(present)
                .as("%s differs from its sources. This command writes it again: %s", OpenApi.FILE, Template.WRITE)
                .isEqualTo(content);
    }
}
