package io.nexus.oauth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionsTest {

    private static final List<String> VERBS = List.of("list", "get", "test", "token", "audit", "api-keys", "connect");

    @ParameterizedTest
    @CsvSource({"lst, list", "gte, ''", "audti, audit", "apikeys, api-keys", "conect, connect", "frobnicate, ''"})
    void namesTheNearestWordOnly(String typed, String nearest) {
        assertThat(String.join(" ", Suggestions.near(typed, VERBS))).isEqualTo(nearest);
    }

    @ParameterizedTest
    @CsvSource({"tokem, token", "tes, test", "li, ''"})
    void countsAThirdOfTheCharactersAtMost(String typed, String nearest) {
        assertThat(String.join(" ", Suggestions.near(typed, VERBS))).isEqualTo(nearest);
    }
}
