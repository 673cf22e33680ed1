package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.nexus.oauth.rest.Api;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The running service serves the OpenAPI document of the repository. */
@QuarkusTest
class ApiReferenceTest {

    @Test
    void theServiceServesTheDocumentOfTheRepository() throws IOException {
        String served = Api.management().get("/openapi?format=json").asString();

        assertThat(new ObjectMapper().readTree(served)).isEqualTo(OpenApi.read(OpenApi.FILE));
    }
}
