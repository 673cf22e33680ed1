package io.nexus.oauth.web.connect;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.provider.catalogue.CatalogueReader;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.egress.UrlRule;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What scopes permit, in words. */
class ScopeWordsTest {

    private static final List<ProviderProfile> BUILT_IN = CatalogueReader.read(List.of(), new UrlRule(true));

    @Test
    void theBuiltInWordsAreInEachLanguage() {
        long described = 0;
        for (ProviderProfile profile : BUILT_IN) {
            Map<String, Map<String, String>> words = profile.display().scopeWords();
            described += words.size();
            words.forEach((scope, texts) -> {
                assertThat(texts.keySet())
                        .as(profile.id() + " " + scope)
                        .containsExactlyInAnyOrderElementsOf(Languages.ALL.stream()
                                .map(Locale::toLanguageTag)
                                .toList());
                assertThat(texts.values()).as(scope).doesNotHaveDuplicates();
            });
        }
        assertThat(described).isGreaterThan(50);
    }

    @Test
    void anHeirHasTheWordsOfItsParent() {
        ProviderProfile app = BUILT_IN.stream()
                .filter(each -> each.id().equals("github-app"))
                .findFirst()
                .orElseThrow();

        assertThat(app.display().words("repo", Locale.GERMAN))
                .hasValueSatisfying(text -> assertThat(text).contains("Repositorys"));
        assertThat(app.display().icon()).isEqualTo("github");
        assertThat(app.display().words("repo", Locale.JAPANESE))
                .hasValueSatisfying(text -> assertThat(text).contains("repositories"));
    }

    @Test
    void aPageNamesAFewScopesWithoutWordsAndShowsThatThereAreMore() {
        assertThat(unknown(ScopeWords.MAX_UNNAMED).unnamed()).hasSize(ScopeWords.MAX_UNNAMED);
        assertThat(unknown(ScopeWords.MAX_UNNAMED).more()).isFalse();
        assertThat(unknown(ScopeWords.MAX_UNNAMED + 1).more()).isTrue();

        ScopeWords.Permissions may = unknown(100);

        assertThat(may.unnamed()).hasSize(ScopeWords.MAX_UNNAMED);
        assertThat(may.named()).isEmpty();
    }

    private static ScopeWords.Permissions unknown(int count) {
        List<String> scopes =
                IntStream.range(0, count).mapToObj(i -> "scope" + i).toList();
        return ScopeWords.of(new ProviderProfile("x", "X"), Scopes.of(scopes), Locale.ENGLISH, null);
    }
}
