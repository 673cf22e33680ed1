package io.nexus.oauth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.testing.RunningSchedule;
import io.quarkus.test.junit.QuarkusTest;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The output of each command in each of its formats. */
@QuarkusTest
class OutputFormsIT implements RunningSchedule {

    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path home;

    private String tenant;
    private String key;
    private NexusProcess nexus;

    @BeforeEach
    void newTenant() {
        tenant = Api.unique("tenant");
        key = Api.key(tenant, Api.ALL_ROLES);
        nexus = NexusProcess.of(home, key).inThisJvm();
    }

    @Test
    void everyListHasEveryForm() throws IOException {
        Map<String, Object> grant = Api.grant();
        String id = Api.imported(key, grant);
        Api.as(key).get("/api/v1/credentials/" + id + "/token").then().statusCode(200);
        Api.as(key)
                .body(Map.of("client_id", "mine"))
                .put("/api/v1/clients/zoom")
                .then()
                .statusCode(200);
        nexus.oauth(
                        "login",
                        "--api-key-file",
                        Files.writeString(home.resolve("key"), key).toString())
                .assertExit(0);
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> Api.as(key)
                                .get("/api/v1/credentials/" + id + "/usage")
                                .<List<?>>path("items")
                                .size()
                        == 1);

        everyForm("ID\tNAME\tCLIENT\tVARIABLES", "ROTATION", "providers");
        everyForm("PROVIDER\tCLIENT_ID\tSECRETS\tSCOPES\tUPDATED", "VARIABLES", "clients");
        everyForm("DAY\tHANDED_OUT", "HANDED_OUT", "usage", id);
        everyForm("ID\tNAME\tTENANT_ID\tROLES\tEXPIRES_AT", "CREATED_BY", "api-keys");
        everyForm("KEY_ID\tROLE\tROWS\tREPLICAS\tRETIRABLE", "AUDIT", "keys");
        everyForm("CURRENT\tNAME\tSERVER\tTENANT_ID\tLOGIN", "LOGIN", "context");
        everyForm(
                "AT\tOPERATION\tPROVIDER\tUSER_EMAIL\tACTOR\tTIMES\tDETAIL",
                "VERSION\tID",
                "audit",
                "--operation",
                "credential_created");
    }

    /** Each format shows the same items. */
    private void everyForm(String titles, String ofWide, String... command) throws IOException {
        // the last use of a key and the rows under one are written now and then
        List<String> plain = Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(
                        () -> nexus.oauth(command).assertExit(0).lines(),
                        seen -> nexus.oauth(with(command, "--no-headers"))
                                .lines()
                                .equals(seen.subList(1, seen.size())));
        assertThat(plain.getFirst()).startsWith(titles);
        assertThat(plain).hasSizeGreaterThan(1).allMatch(line -> columns(line) == columns(plain.getFirst()));
        List<String> wide = nexus.oauth(with(command, "-o", "wide")).lines();
        assertThat(wide.getFirst()).startsWith(titles).endsWith(ofWide);
        assertThat(wide).hasSameSizeAs(plain).allMatch(line -> columns(line) == columns(wide.getFirst()));
        JsonNode json = JSON.readTree(nexus.oauth(with(command, "-o", "json")).out());
        assertThat(json).hasSize(plain.size() - 1);
        assertThat(new YAMLMapper()
                        .readTree(nexus.oauth(with(command, "-o", "yaml")).out()))
                .hasSameSizeAs(json);
        assertThat(nexus.oauth(with(command, "-o", "name")).lines())
                .hasSameSizeAs(json)
                .noneMatch(String::isBlank);
        NexusProcess onTerminal = NexusProcess.of(home, key).inThisJvm().with("CLICOLOR_FORCE", "1");
        List<String> drawn = onTerminal.oauth(command).assertExit(0).lines();
        assertThat(drawn).filteredOn(line -> line.startsWith("│ ")).hasSameSizeAs(plain);
        assertThat(drawn.getLast()).startsWith("Total: " + json.size() + " ");
    }

    private static long columns(String line) {
        return line.chars().filter(c -> c == '\t').count();
    }

    @Test
    void everyAnswerHasEveryForm() throws IOException {
        String id = Api.imported(key, Api.grant());

        for (String verb : List.of("refresh", "test", "get", "revoke")) {
            if (!verb.equals("refresh")) { // it has no refresh token
                String[] command = {verb, id};
                JsonNode json =
                        JSON.readTree(nexus.oauth(with(command, "-o", "json")).out());
                assertThat(json.isObject()).as(verb).isTrue();
                JsonNode yaml = new YAMLMapper()
                        .readTree(nexus.oauth(with(command, "-o", "yaml")).out());
                assertThat(yaml.properties().stream().map(Map.Entry::getKey))
                        .as(verb)
                        .isEqualTo(json.properties().stream()
                                .map(Map.Entry::getKey)
                                .toList());
            }
        }
        nexus.oauth("revoke", id, "-o", "wide").assertExit(2);
        String[] connect = {"connect", "sandbox", "alice@example.com", "--no-wait"};
        assertThat(nexus.oauth(connect).assertExit(0).lines())
                .singleElement()
                .asString()
                .startsWith(Api.publicUrl());
        assertThat(JSON.readTree(nexus.oauth(with(connect, "-o", "json")).out())
                        .path("url")
                        .asText())
                .startsWith(Api.publicUrl());
        assertThat(new YAMLMapper()
                        .readTree(nexus.oauth(with(connect, "-o", "yaml")).out())
                        .path("status")
                        .asText())
                .isEqualTo("created");
    }

    @Test
    void printsTheTokenAsKubectlWantsIt() throws IOException {
        Map<String, Object> grant = Api.grant();
        String id = Api.imported(key, grant);

        JsonNode credential =
                JSON.readTree(nexus.oauth("token", id, "-o", "exec-credential").out());
        assertThat(credential.path("apiVersion").asText()).isEqualTo("client.authentication.k8s.io/v1");
        assertThat(credential.path("kind").asText()).isEqualTo("ExecCredential");
        assertThat(credential.at("/status/token").asText()).isEqualTo(grant.get("access_token"));
        assertThat(credential.at("/status/expirationTimestamp").asText()).endsWith("Z");
        nexus.with("KUBERNETES_EXEC_INFO", "{\"apiVersion\": \"client.authentication.k8s.io/v1beta1\"}");
        assertThat(nexus.oauth("token", id, "-o", "exec-credential").out())
                .contains("client.authentication.k8s.io/v1beta1");
        nexus.oauth("token", id, "-o", "yaml").assertExit(2);
    }

    @Test
    void makesAndRevokesApiKeys() throws IOException {
        NexusProcess.Ended made = nexus.oauth("api-keys", "create", "mail", "--role", "connector,token-reader");
        assertThat(made.assertExit(0).lines()).singleElement().asString().startsWith("nxo_");
        assertThat(made.err())
                .contains(tenant, "connector")
                .doesNotContain(made.out().strip());
        NexusProcess other = NexusProcess.of(home, made.out().strip());
        other.oauth("list").assertExit(0);
        String id = made.out().split("_")[1];
        assertThat(nexus.oauth("api-keys", "-o", "name").lines()).contains(id);
        nexus.oauth("api-keys", "revoke", id).assertExit(0);
        nexus.oauth("api-keys", "revoke", id).assertExit(3);
        other.oauth("list").assertExit(4);

        Path file = home.resolve("mail.key");
        String[] intoFile = {
            "api-keys", "create", "mail", "--role", "connector", "--expires-in", "2h", "--key-file", file.toString()
        };
        assertThat(nexus.oauth(intoFile).assertExit(0).out()).isEmpty();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        NexusProcess.of(home, key)
                .without("NEXUS_API_KEY")
                .with("NEXUS_API_KEY_FILE", file.toString())
                .oauth("list")
                .assertExit(0);
        nexus.oauth(intoFile).assertExit(2);
        nexus.oauth("api-keys", "create", "mail", "--role", "king").assertExit(2);
        nexus.oauth("api-keys", "create", "mail", "--role", "connector", "--expires-in", "soon")
                .assertExit(2);
        nexus.oauth("api-keys", "create", "mail").assertExit(2);
    }

    @Test
    void storesAndDeletesPolicies() throws IOException {
        String name = Api.unique("policy");
        String[] set = {
            "policies",
            "set",
            name,
            "--issuer",
            "https://issuer.example.com",
            "--subject",
            "system:serviceaccount:mail:*",
            "--grant-tenant",
            tenant,
            "--role",
            "token-reader",
            "--provider",
            "google"
        };

        assertThat(nexus.oauth(set).assertExit(0).out()).contains("NAME\t" + name + "\n", "ROLES\ttoken-reader");
        JsonNode all = JSON.readTree(nexus.oauth("policies", "-o", "json").out());
        assertThat(all.findValuesAsText("name")).contains(name);
        assertThat(nexus.oauth("policies", "list", "-o", "wide").out())
                .contains(name + "\tapi\tactive\tsystem:serviceaccount:mail:*\t" + tenant + "\ttoken-reader\thttps://");
        assertThat(nexus.oauth("policies", "-o", "yaml").out()).contains(name);
        nexus.oauth("policies", "delete", name).assertExit(0);
        nexus.oauth("policies", "delete", name).assertExit(3);
        NexusProcess.of(home, Api.key(tenant, "tenant-admin")).oauth("policies").assertExit(4);
    }

    @Test
    void rotatesTheMasterKeys() {
        NexusProcess admin = NexusProcess.of(home, Api.bootstrapKey());

        assertThat(admin.oauth("keys").assertExit(0).out()).contains("\tsealing\t");
        assertThat(admin.oauth("keys", "list", "-o", "name").lines()).hasSizeGreaterThan(0);
        assertThat(admin.oauth("keys", "rotate").assertExit(0).out()).contains("✓ All data is encrypted with ");
        assertThat(admin.oauth("keys", "rotate", "--no-wait").assertExit(0).out())
                .containsAnyOf("✓ All data is encrypted with ", "See nexus oauth keys status");
        assertThat(admin.oauth("keys", "status").assertExit(0).out()).contains("STATE\t", "STARTED_BY\tbootstrap");
        nexus.oauth("keys", "status").assertExit(0);
        NexusProcess.of(home, Api.key(tenant, "auditor"))
                .oauth("keys", "status")
                .assertExit(4);
    }

    @Test
    void followsTheAuditTrail() throws Exception {
        Api.imported(key, Api.grant());
        Process watch =
                nexus.start("audit", "--watch", "1", "--operation", "credential_created", "--from", "2h", "-o", "name");
        try (BufferedReader out = watch.inputReader()) {
            String first = out.readLine();
            Api.imported(key, Api.grant());
            String second = out.readLine();
            Api.imported(key, Api.grant());
            assertThat(Stream.of(first, second, out.readLine()).map(Long::valueOf))
                    .isSorted()
                    .doesNotHaveDuplicates();
        } finally {
            watch.destroy();
            watch.waitFor(30, TimeUnit.SECONDS);
        }
        assertThat(nexus.oauth("audit", "--to", "1h", "-o", "name").lines()).isEmpty();
        nexus.oauth("audit", "--from", "yesterday").assertExit(2);
    }

    private static String[] with(String[] args, String... more) {
        return Stream.concat(Stream.of(args), Stream.of(more)).toArray(String[]::new);
    }
}
