package io.nexus.oauth.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.rest.Browser;
import io.nexus.oauth.testing.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** A connect flow while the database takes no writes for longer than a browser waits. */
@QuarkusTest
class ConnectOutageIT {

    @Inject
    AgroalDataSource dataSource;

    private final String user = Api.unique("user") + "@example.com";
    private final String account = Api.unique("account") + "@example.com";
    private final Browser browser = new Browser();

    // longer than a browser waits; a failover may take as long
    @Test
    void tokensThatWereTradedAreStoredWhenTheDatabaseIsBack() {
        Response session = Api.session(Map.of("provider", "sandbox", "user", user));
        String callback = browser.walk(session.path("url"), account);
        TestDatabase database = new TestDatabase(dataSource);
        HttpResponse<String> page;
        HttpResponse<String> again;
        database.breakWrites("oauth_credentials");
        try {
            page = browser.get(callback);
            again = browser.get(found("href=\"([^\"]+/connect/result/[^\"]+)\"", page.body()));
        } finally {
            database.heal("oauth_credentials");
        }

        assertThat(page.statusCode()).isEqualTo(202);
        assertThat(page.body()).contains("not finished yet", "Look again");
        assertThat(again.body()).contains("not finished yet");
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> "connected".equals(state(session.path("id")).<String>path("status")));
        assertThat(Api.token("sandbox", user).statusCode()).isEqualTo(200);
        assertThat(browser.get(found("href=\"([^\"]+/connect/result/[^\"]+)\"", page.body()))
                        .body())
                .contains("is connected");
    }

    private static String found(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as("%s in %s", pattern, text).isTrue();
        return matcher.group(1);
    }

    private static Response state(String session) {
        return Api.admin().get("/api/v1/connect-sessions/" + session);
    }
}
