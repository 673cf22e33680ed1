package io.nexus.oauth.web.connect;

import static io.nexus.oauth.rest.Browser.location;
import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.rest.Api;
import io.nexus.oauth.rest.Browser;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each page of a connect flow in each language. */
@QuarkusTest
class ConnectLanguagesTest {

    private final String user = Api.unique("user");
    private final Browser browser = new Browser();

    @ParameterizedTest
    @ValueSource(strings = {"de", "fr", "es"})
    void noPageHasASentenceOfAnotherLanguage(String language) throws IOException {
        List<HttpResponse<String>> pages = pages(language);

        Map<String, String> english = LanguagesTest.texts(Locale.ENGLISH);
        Map<String, String> own = LanguagesTest.texts(Locale.of(language));
        for (HttpResponse<String> page : pages) {
            assertThat(page.body()).contains("<html lang=\"" + language + "\">");
            assertThat(page.headers().firstValue("Content-Language")).hasValue(language);
            english.forEach((key, text) -> {
                for (String part : text.split("\\{[a-z]+}")) { // names stand in between
                    if (part.strip().contains(" ")) {
                        assertThat(page.body()).as(key).doesNotContain(part.strip());
                    }
                }
            });
        }
        assertThat(pages.getFirst().body()).contains(own.get("scopeEmail"), own.get("connectUnexpected"));
        assertThat(pages.stream().map(page -> page.body().replaceAll("(?s).*<h1[^>]*>|</h1>.*", "")))
                .containsAll(List.of(
                        own.get("deadTitle_$USED_LINK"),
                        own.get("deadTitle_$UNKNOWN_LINK"),
                        own.get("deadTitle_$FOREIGN_ANSWER"),
                        own.get("failedTitle").replace("{provider}", "Sandbox").replace("’", "’"),
                        own.get("connectedTitle").replace("{provider}", "Sandbox")));
    }

    private List<HttpResponse<String>> pages(String language) {
        Response session = Api.session(
                Map.of("provider", "sandbox", "user", user, "scopes", List.of("openid", "email", "profile")));
        String link = session.path("url");
        List<String> urls = new ArrayList<>();
        List<HttpResponse<String>> pages = new ArrayList<>();
        pages.add(browser.get(link, "Accept-Language", language));
        String denied = location(browser.get(browser.answer(browser.depart(link), "alice", "deny")));
        pages.add(browser.get(denied, "Accept-Language", language));
        urls.add(location(browser.get(browser.walk(Api.link(user), user))));
        urls.add(link); // it is used up
        urls.add(Api.publicUrl() + "/connect/" + "x".repeat(43));
        urls.add(Api.publicUrl() + "/callback/sandbox?state=x&code=y");
        urls.forEach(url -> pages.add(browser.get(url, "Accept-Language", language)));
        return pages;
    }
}
