package io.nexus.oauth.rest;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.http.ContentType;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One table of bad requests for each resource of the API, in {@code bad-inputs}. A row is a request, its body, and what the problem says:
 * status, type, the place (a JSON pointer or a parameter) and the detail. The detail says what is wanted: type, unit, allowed values or
 * an example. No bad request changes anything.
 */
@QuarkusTest
class BadInputsTest {

    private static final Path TABLES = Path.of("src/test/resources/io/nexus/oauth/rest/bad-inputs");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String PROBLEM = "urn:nexus-oauth:problem:";
    private static final Pattern REPEATED = Pattern.compile("\\{(.)\\*(\\d+)}");
    private static final Pattern SEPARATOR = Pattern.compile(" \\| ");

    /** What can be wrong about a request. A detail needs one of these to say what is wanted. */
    private static final Pattern WANTED = Pattern.compile(
            "must |is required|It has: |The fields are: |the address takes |"
                    + "not both|Its variables are: |It has none|lists the ids|is a private key: send|at line \\d+, column \\d+|needs ");

    private static final String STORED = "SELECT (SELECT count(*) FROM oauth_credentials WHERE tenant_id = $1)"
            + " + (SELECT count(*) FROM oauth_clients WHERE tenant_id = $1)"
            + " + (SELECT count(*) FROM connect_sessions WHERE tenant_id = $1)"
            + " + (SELECT count(*) FROM api_keys WHERE tenant_id = $1)"
            + " + (SELECT count(*) FROM audit_events WHERE tenant_id = $1)"
            + " + (SELECT count(*) FROM access_policies) AS rows";

    /** The lists that show what there is. */
    private static final List<String> VIEWS =
            List.of("/credentials", "/clients", "/connect-sessions/{session}", "/api-keys", "/policies");

    @Inject
    Pool pool;

    private final String tenant = Api.unique("tenant");
    private String key;
    private Map<String, String> names;

    /**
     * A row of a table.
     *
     * @param text the row without its expectation
     */
    private record Row(String text, String method, String path, String body, String expected) {

        static Row of(String line) {
            String[] cells = SEPARATOR.split(line, 3);
            String[] request = cells[0].split(" ", 2);
            return new Row(
                    cells[0] + " | " + cells[1], request[0], request[1], cells[1], cells.length < 3 ? "" : cells[2]);
        }
    }

    static Stream<String> resources() throws IOException {
        try (Stream<Path> files = Files.list(TABLES)) {
            return files.map(file -> file.getFileName().toString().replace(".txt", "")).sorted().toList().stream();
        }
    }

    private static List<Row> rows(String resource) throws IOException {
        return Files.readAllLines(TABLES.resolve(resource + ".txt")).stream()
                .filter(line -> !line.isBlank() && !line.startsWith("#"))
                .map(Row::of)
                .toList();
    }

    @BeforeEach
    void ownTenant() {
        key = Api.key(tenant, Api.ALL_ROLES);
        String credential = Api.imported(key, Api.grant());
        String session = Api.session(key, Map.of("provider", "sandbox", "user", "a"))
                .then()
                .statusCode(201)
                .extract()
                .path("id");
        names = Map.of("{credential}", credential, "{session}", session);
    }

    @ParameterizedTest
    @MethodSource("resources")
    void aBadInputIsRefusedInWordsThatSayWhatIsWanted(String resource) throws IOException {
        List<String> before = state();
        List<String> different = new ArrayList<>();
        for (Row row : rows(resource)) {
            String said = said(send(row));
            if (!said.equals(row.expected())) {
                different.add(row.text() + " | " + said);
            }
        }
        assertThat(different).as("rows that are not what the table says").isEmpty();
        assertThat(state()).as("what is stored").isEqualTo(before);
    }

    /** {@code status type | place | detail}; of several errors, each after a semicolon. */
    private static String said(Response response) throws IOException {
        String text = response.asString();
        assertThat(text).doesNotContain("io.nexus", "Exception", "java.", "jakarta.", "com.fasterxml", "\tat ");
        JsonNode problem = JSON.readTree(text);
        String head =
                response.statusCode() + " " + problem.path("type").asText().replace(PROBLEM, "");
        return problem.path("errors").isEmpty()
                ? head + " | " + problem.path("detail").asText()
                : head + " | " + joined(problem, "pointer") + " | " + joined(problem, "detail");
    }

    private static String joined(JsonNode problem, String field) {
        return String.join("; ", problem.path("errors").findValuesAsText(field));
    }

    private Response send(Row row) {
        RequestSpecification request = given().urlEncodingEnabled(false).header("X-API-Key", key);
        if (!row.body().equals("-")) {
            request.contentType(ContentType.JSON).body(filled(row.body()));
        }
        return request.request(row.method(), "/api/v1" + filled(row.path()));
    }

    private String filled(String text) {
        String filled =
                REPEATED.matcher(text).replaceAll(match -> match.group(1).repeat(Integer.parseInt(match.group(2))));
        for (Map.Entry<String, String> name : names.entrySet()) {
            filled = filled.replace(name.getKey(), name.getValue());
        }
        return filled;
    }

    private List<String> state() {
        List<String> state = new ArrayList<>();
        state.add(String.valueOf(pool.preparedQuery(STORED)
                .execute(Tuple.of(tenant))
                .map(rows -> rows.iterator().next().getLong("rows"))
                .await()
                .indefinitely()));
        VIEWS.forEach(view -> state.add(Api.as(key)
                .get("/api/v1" + filled(view))
                .then()
                .statusCode(200)
                .extract()
                .asString()
                .replaceAll("\"last_used_at\":[^,}]*", "")));
        return state;
    }

    @Test
    void thereAreManyAndEachIsWrittenOnce() throws IOException {
        List<String> all = new ArrayList<>();
        Set<String> once = new HashSet<>();
        for (String resource : resources().toList()) {
            for (Row row : rows(resource)) {
                all.add(row.text());
                once.add(row.text());
            }
        }
        assertThat(all).hasSizeGreaterThan(300).hasSameSizeAs(once);
    }

    /** A 400 says what is wanted, and where. */
    @Test
    void eachRefusalSaysWhatIsWanted() throws IOException {
        List<String> poor = new ArrayList<>();
        for (String resource : resources().toList()) {
            for (Row row : rows(resource)) {
                boolean invalid = row.expected().startsWith("400 ");
                if (invalid && !WANTED.matcher(row.expected()).find()) {
                    poor.add(row.text() + " | " + row.expected());
                }
            }
        }
        assertThat(poor).isEmpty();
    }
}
