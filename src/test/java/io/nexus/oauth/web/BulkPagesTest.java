package io.nexus.oauth.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.rest.Api;
import io.nexus.oauth.testing.StrictProvider;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The bounds of an action on several credentials. */
@QuarkusTest
class BulkPagesTest {

    private static final Pattern ROW = Pattern.compile("<th scope=\"row\">");

    private StrictProvider provider;

    @AfterEach
    void soon() {
        provider.delay(Duration.ZERO);
    }

    @Test
    void asManyAsAPageOfTheListAndNoMore() {
        Visitor visitor = Visitor.of(Api.unique("tenant"), "tenant-admin");
        List<String> ids = IntStream.range(0, 26)
                .mapToObj(i -> UUID.randomUUID().toString())
                .toList();

        Response all = act(visitor, "test", ids.subList(0, 25));
        assertThat(all.statusCode()).isEqualTo(200);
        assertThat(ROW.matcher(all.asString()).results()).hasSize(25);
        assertThat(all.asString()).contains("0 of 25 done, 25 need attention.");

        Response more = act(visitor, "test", ids);
        assertThat(more.statusCode()).isEqualTo(400);
        assertThat(more.asString()).contains("elect 25 credentials at most");
        assertThat(act(visitor, "revoke", ids).statusCode()).isEqualTo(400);
    }

    @Test
    void fiveAtATime() {
        String key = Api.key("default", "tenant-admin", "connector");
        List<String> users = new ArrayList<>();
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            String user = Api.unique("user");
            Map<String, Object> grant = new HashMap<>(Map.of("provider", "steady", "user", user));
            StrictProvider.Tokens tokens = provider.grant(user);
            grant.put("access_token", tokens.access());
            grant.put("refresh_token", tokens.refresh());
            grant.put("expires_in", 3600);
            users.add(user);
            ids.add(Api.imported(key, grant));
        }
        provider.delay(Duration.ofMillis(200));

        Response page = act(Visitor.with(key), "refresh", ids);

        assertThat(page.asString()).contains("12 of 12 done.");
        List<StrictProvider.Call> calls =
                users.stream().flatMap(user -> provider.calls(user).stream()).toList();
        assertThat(calls).hasSize(12);
        assertThat(calls.stream()
                        .mapToLong(call -> calls.stream()
                                .filter(other -> other.arrived() <= call.arrived() && call.arrived() < other.ended())
                                .count())
                        .max())
                .hasValue(5);
    }

    private static Response act(Visitor visitor, String action, List<String> ids) {
        return visitor.post("/ui/credentials/selected/" + action, Map.of("id", ids, "back", "/ui/credentials"));
    }
}
