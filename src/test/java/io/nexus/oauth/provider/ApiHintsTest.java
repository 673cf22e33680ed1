package io.nexus.oauth.provider;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What callers hear of a provider's API: they send their tokens there. */
class ApiHintsTest {

    @TempDir
    Path folder;

    @Test
    void baseIsWhereTheProviderSaid() {
        ApiHints hints = new ApiHints(ProviderCatalogueTest.catalogue("production", false));

        assertThat(hints.of("salesforce", Map.of("instance_url", "https://acme.my.salesforce.com")))
                .isEqualTo(new ApiHints.Hint("Authorization: Bearer", "https://acme.my.salesforce.com"));
        assertThat(hints.of("salesforce", Map.of()).base()).isNull();
        assertThat(hints.of("github", Map.of("host", "x")).base()).isNull();
        assertThat(hints.of("nobody", Map.of())).isEqualTo(new ApiHints.Hint("Authorization: Bearer", null));
    }

    /** The facts of a grant come from whoever brought it. */
    @Test
    void baseBeyondTheBoundsOfTheProfileIsNotTold() {
        ApiHints hints = new ApiHints(ProviderCatalogueTest.catalogue("production", false));

        for (String url : new String[] {
            "https://evil.example",
            "http://acme.my.salesforce.com",
            "https://evil.example/.salesforce.com",
            "https://acme.my.salesforce.com@evil.example",
            "https://acme.my.salesforce.com\nx"
        }) {
            assertThat(hints.of("salesforce", Map.of("instance_url", url)).base())
                    .as(url)
                    .isNull();
        }
    }

    @Test
    void variableOfTheClientIsNotTakenFromTheGrant() throws IOException {
        Path file = Files.writeString(folder.resolve("mine.yaml"), """
                providers:
                  mine:
                    vars: {host: {pattern: "[a-z.]+"}}
                    authorize: {url: "https://${host}/a"}
                    token: {url: "https://${host}/t"}
                    api: {base: "https://${host}/api"}
                """);
        ApiHints hints = new ApiHints(ProviderCatalogueTest.catalogue("production", false, file));

        assertThat(hints.of("mine", Map.of("host", "evil.example")).base()).isNull();
    }
}
