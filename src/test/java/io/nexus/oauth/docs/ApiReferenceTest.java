package io.nexus.oauth.docs;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.nexus.oauth.rest.Api;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** The reference of the API is what the OpenAPI document of the running service says. */
@QuarkusTest
class ApiReferenceTest {

    @Test
    void pageIsWhatItsSourcesSay() throws IOException {
        String document = Api.management().get("/openapi?format=json").asString();
        Template.check(new ApiPage(new ObjectMapper().readTree(document)));
    }
}
