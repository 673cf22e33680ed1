package io.nexus.oauth.web.connect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each code that can end a connect session has a text for the person. */
class SessionEndTest {

    /** Codes of refreshes, of reads and of token exchanges: no connect session ends with them. */
    private static final Set<String> OF_REFRESHES = Set.of(
            "rotation_lost",
            "no_refresh_token",
            "refresh_in_progress",
            "reported",
            "refresh_failed",
            "min_interval",
            "too_late",
            "too_many_waiters",
            "exchange_not_allowed",
            "issued_token_type");

    @Test
    void eachCodeHasATextOrAGroup() throws IOException {
        JsonNode codes = new YAMLMapper()
                .readTree(Path.of("src/test/resources/io/nexus/oauth/docs/codes.yaml")
                        .toFile());
        List<String> all = new ArrayList<>();
        codes.forEach(group -> group.fieldNames().forEachRemaining(all::add));

        assertThat(all).hasSizeGreaterThan(70).containsAll(OF_REFRESHES);
        assertThat(all)
                .filteredOn(code -> !OF_REFRESHES.contains(code))
                .allSatisfy(code -> assertThat(SessionEnd.knows(code)).as(code).isTrue());
        assertThat(OF_REFRESHES).noneMatch(SessionEnd::knows);
    }

    @ParameterizedTest
    @CsvSource({
        "missing_variable, SETUP",
        "client_not_registered, SETUP",
        "metadata_not_found, SETUP",
        "provider_unreachable, AWAY",
        "access_denied, DENIED",
        "a.code-of_the.provider, UNFINISHED"
    })
    void means(String code, SessionEnd end) {
        assertThat(SessionEnd.of(code)).isEqualTo(end);
    }
}
