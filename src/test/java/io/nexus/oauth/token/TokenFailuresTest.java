package io.nexus.oauth.token;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.nexus.oauth.token.grant.RefreshPolicy;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The failures of token requests. */
class TokenFailuresTest {

    /** Codes that the operator acts on although no provider is misconfigured. */
    private static final Set<String> OF_THE_SERVICE =
            Set.of("unreadable", "journal_unreadable", "journal_unavailable", "keys_unsettled");

    // a code that is missing there was answered with 503 and "wait"
    @Test
    void everyCodeForTheOperatorIsAMisconfiguration() throws IOException {
        Map<String, Map<String, String>> codes = new ObjectMapper(new YAMLFactory())
                .readValue(
                        Path.of("src/test/resources/io/nexus/oauth/docs/codes.yaml")
                                .toFile(),
                        new TypeReference<>() {});
        Set<String> operator = new HashSet<>(codes.get("operator").keySet());
        operator.removeAll(OF_THE_SERVICE);

        assertThat(TokenFailures.MISCONFIGURED).containsExactlyInAnyOrderElementsOf(operator);
        assertThat(RefreshPolicy.WAIT).doesNotContainAnyElementsOf(operator);
    }
}
