package io.nexus.oauth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.macasaet.fernet.Key;
import io.nexus.oauth.cli.OriginalNexus.Row;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.testing.RunningSchedule;
import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Imports grants from realistic databases and files of other systems. */
@QuarkusTest
class NexusImportIT implements RunningSchedule {

    private static final String AWAY = "\u001b[K";

    @TempDir
    Path home;

    private final Key key = Key.generateKey();
    private final Key lost = Key.generateKey();
    private String tenant;
    private String apiKey;
    private NexusProcess nexus;

    @BeforeEach
    void newTenant() {
        tenant = Api.unique("tenant");
        apiKey = Api.key(tenant, Api.ALL_ROLES);
        nexus = NexusProcess.of(home, apiKey).inThisJvm().with("NEXUS_OAUTH_ENCRYPTION_KEY", key.serialise());
    }

    @Test
    void bringsTheOriginalsRowsWithTheirOddities() throws Exception {
        Path file = home.resolve("nexus.db");
        try (OriginalNexus database = OriginalNexus.sqlite(file, key)) {
            database.schema("tenant_id TEXT, UNIQUE(provider, user_email, tenant_id)");
            Row valid = new Row("valid", null);
            database.insert("tenant_id", valid);
            database.insert("tenant_id", new Row("twice", null).had(-60).token("older"));
            database.insert("tenant_id", new Row("twice", null).had(-5).token("newer"));
            database.insert("tenant_id", new Row("twice", "default").had(-90).token("oldest"));
            database.insert("tenant_id", new Row("revoked", null).revoked(1));
            database.insert("tenant_id", new Row("back", null).stale());
            database.insert("tenant_id", new Row("lost", null).under(lost));
            database.insert("tenant_id", new Row("ended", null).ends(-3600).withoutRefresh());
            database.insert("tenant_id", new Row("renewable", null).ends(-3600));
            database.insert("tenant_id", new Row("elsewhere", "org_acme"));
            database.insert("tenant_id", new Row("unknown", null).at("nowhere"));
            database.insert("tenant_id", new Row("Üñí+1", null).token("access-u"));
        }
        String[] command = {"import", "--from-nexus", file.toString(), "--map-tenant", "default=" + tenant};

        NexusProcess.Ended dry = nexus.oauth(command);
        assertThat(dry.assertExit(1).err())
                .contains(
                        "Dry run, nothing was changed",
                        "5 stored, 1 revoked, 1 ended, 2 duplicate, 1 unreadable, 2 refused");
        assertThat(dry.lines()).hasSize(12);
        assertThat(nexus.oauth("list", "-o", "name").out()).isEmpty();
        assertThat(dry.out() + dry.err()).doesNotContain("access-", "refresh-", key.serialise());

        NexusProcess.Ended done = nexus.oauth(with(command, "--apply"));
        assertThat(done.assertExit(1).err()).contains("Done: 5 stored", "key of NEXUS_OAUTH_ENCRYPTION_KEY decrypted");
        assertThat(nexus.oauth("list", "-o", "name").lines()).hasSize(5);
        assertThat(nexus.oauth("token", "sandbox", "valid@example.com").out()).isEqualTo("access-valid\n");
        assertThat(nexus.oauth("token", "sandbox", "twice@example.com").out()).isEqualTo("newer\n");
        assertThat(nexus.oauth("get", "sandbox", "valid@example.com", "-o", "json")
                        .out())
                .contains("\"files.read\"", "\"client_id\" : \"their-client\"", "\"refreshable\" : true");

        NexusProcess.Ended again = nexus.oauth(with(command, "--apply", "--quiet"));
        assertThat(again.err()).contains("5 present").doesNotContain("stored");
        assertThat(again.lines()).hasSize(3).noneMatch(line -> line.startsWith("present"));
    }

    @Test
    void doesNotReplaceWhatIsNewerHereNorRaiseWhatWasRevoked() throws Exception {
        Path file = home.resolve("nexus.db");
        try (OriginalNexus database = OriginalNexus.sqlite(file, key)) {
            database.schema("zone_id TEXT NOT NULL");
            database.insert("zone_id", new Row("newer", "root"));
            database.insert("zone_id", new Row("gone", "root"));
        }
        Map<String, Object> newer = Api.grant("user", "newer@example.com");
        Api.imported(apiKey, newer);
        String gone = Api.imported(apiKey, Api.grant("user", "gone@example.com"));
        Api.as(apiKey).post("/api/v1/credentials/" + gone + "/revoke").then().statusCode(200);

        nexus.oauth("import", "--from-nexus", "sqlite:///" + file, "--map-tenant", "root=" + tenant, "--apply")
                .assertExit(0);

        assertThat(nexus.oauth("token", "sandbox", "newer@example.com").out())
                .isEqualTo(newer.get("access_token") + "\n");
        nexus.oauth("token", "sandbox", "gone@example.com").assertExit(5);
    }

    @Test
    void findsTheKeyWhereTheOriginalKeptIt() throws Exception {
        Path file = home.resolve("nexus.db");
        try (OriginalNexus database = OriginalNexus.sqlite(file, key)) {
            database.schema("tenant_id TEXT");
            database.insert("tenant_id", new Row("first", tenant));
            database.insert("tenant_id", new Row("second", tenant).under(lost));
            database.run("CREATE TABLE system_settings (key TEXT PRIMARY KEY, value TEXT)");
            database.run("INSERT INTO system_settings VALUES ('oauth_encryption_key', '" + lost.serialise() + "')");
        }
        nexus.without("NEXUS_OAUTH_ENCRYPTION_KEY");
        Files.createDirectories(home.resolve(".nexus"));
        Files.writeString(home.resolve(".nexus/encryption.key"), key.serialise());

        assertThat(nexus.oauth("import", "--from-nexus", file.toString())
                        .assertExit(0)
                        .err())
                .contains("2 stored", "key of ~/.nexus/encryption.key decrypted 2 texts", "key of system_settings");

        Path other =
                Files.writeString(home.resolve("other.key"), Key.generateKey().serialise());
        Files.delete(home.resolve(".nexus/encryption.key"));
        assertThat(nexus.oauth("import", "--from-nexus", file.toString(), "--key-file", other.toString())
                        .assertExit(1)
                        .err())
                .contains("1 stored, 1 unreadable");
        try (OriginalNexus database = OriginalNexus.sqlite(file, key)) {
            database.run("DELETE FROM system_settings");
        }
        assertThat(nexus.oauth("import", "--from-nexus", file.toString())
                        .assertExit(2)
                        .err())
                .contains("--key-file");
        nexus.oauth("import", "--from-nexus", home.resolve("missing.db").toString())
                .assertExit(3);
    }

    @Test
    void readsOurOwnLinesAndOthers() throws IOException {
        String lines = """
                {"provider": "sandbox", "user": "one@example.com", "access_token": "a-one", "expires_in": 3600}
                {"provider": "sandbox", "user": "two@example.com", "access_token": "a-two", "tenant": "not-mine"}
                {"provider": "sandbox", "user": "three@example.com", "acess_token": "misspelt"}
                """;
        NexusProcess.Ended own = nexus.oauthWith(lines, "import", "-", "--apply");
        assertThat(own.assertExit(1).lines())
                .extracting(line -> line.split("\t")[0])
                .containsExactly("stored", "refused", "refused");
        assertThat(own.out()).doesNotContain("a-one", "misspelt");
        assertThat(nexus.oauthWith("{\"provider\": \"sandbox\" nonsense SECRET", "import", "-")
                        .assertExit(1)
                        .err())
                .contains("invalid JSON")
                .doesNotContain("SECRET");

        String nango = """
                [{"provider_config_key": "my-sandbox", "provider": "sandbox", "connection_id": "c1", "end_user": {"email": "n@example.com"},
                  "credentials": {"type": "OAUTH2", "access_token": "a-nango", "refresh_token": "r", "expires_at": "2030-01-01T00:00:00.000Z",
                    "raw": {"scope": "a b", "token_type": "bearer"}}},
                 {"provider_config_key": "x", "provider": "x", "connection_id": "c2", "credentials": {"type": "API_KEY", "apiKey": "k"}},
                 {"provider_config_key": "x", "provider": "x", "connection_id": "c3"}]
                """;
        Path file = Files.writeString(home.resolve("nango.json"), nango);
        assertThat(nexus.oauth("import", "--from-nango", file.toString(), "--apply")
                        .assertExit(1)
                        .lines())
                .extracting(line -> line.split("\t")[0])
                .containsExactly("stored", "unsupported", "refused");
        assertThat(nexus.oauth("token", "sandbox", "n@example.com").out()).isEqualTo("a-nango\n");

        Path vault = Files.writeString(home.resolve("vault.json"), """
                {"request_id": "1", "data": {"access_token": "a-vault", "expire_time": "2030-01-02T15:39:27.389265972-07:00",
                  "server": "their-server", "type": "Bearer"}}""");
        nexus.oauth("import", "--from-vault", vault.toString(), "--map-provider", "their-server=sandbox")
                .assertExit(1);
        assertThat(nexus.oauth(
                                "import",
                                "--from-vault",
                                vault.toString(),
                                "--map-provider",
                                "their-server=sandbox",
                                "--user-email",
                                "v@example.com",
                                "--apply")
                        .assertExit(0)
                        .out())
                .contains("Vault exposes no refresh token");
        assertThat(nexus.oauth("token", "sandbox", "v@example.com").out()).isEqualTo("a-vault\n");
    }

    @Test
    void movesGrantsToAnotherInstallationUnderAKeyAlone() throws IOException {
        Map<String, Object> grant = Api.grant("refresh_token", "canary-refresh");
        grant.put("scopes", List.of("a", "b"));
        Api.imported(apiKey, grant);
        String revoked = Api.imported(apiKey, Api.grant());
        Api.as(apiKey).post("/api/v1/credentials/" + revoked + "/revoke").then().statusCode(200);
        Path jwk = home.resolve("move.jwk");

        NexusProcess.of(home, Api.bootstrapKey())
                .oauth("export", "--new-key-file", home.resolve("no.jwk").toString())
                .assertExit(4);
        NexusProcess.Ended exported = nexus.oauth("export", "--new-key-file", jwk.toString());
        assertThat(exported.assertExit(0).lines()).hasSize(1);
        assertThat(exported.out())
                .doesNotContain("canary-refresh", grant.get("access_token").toString());
        assertThat(nexus.oauth("audit", "--operation", "credential_exported", "-o", "wide")
                        .out())
                .contains("jwk:");
        assertThat(nexus.oauthWith(grant.get("access_token") + "\n", "audit", "lookup", "-")
                        .out())
                .contains("credential_exported");
        nexus.oauth("export", "--new-key-file", jwk.toString()).assertExit(2);
        assertThat(nexus.oauth("export", "--key-file", jwk.toString())
                        .assertExit(0)
                        .lines())
                .hasSize(1);

        String elsewhere = Api.unique("tenant");
        NexusProcess other =
                NexusProcess.of(home, Api.key(elsewhere, Api.ALL_ROLES)).inThisJvm();
        Path file = Files.writeString(home.resolve("grants.jsonl"), exported.out());
        other.oauth("import", file.toString(), "--apply").assertExit(2);
        Path wrong = home.resolve("wrong.jwk");
        other.oauth("export", "--new-key-file", wrong.toString()).assertExit(0);
        assertThat(other.oauth("import", file.toString(), "--key-file", wrong.toString())
                        .assertExit(1)
                        .out())
                .startsWith("unreadable");
        other.oauth(
                        "import",
                        file.toString(),
                        "--key-file",
                        jwk.toString(),
                        "--map-tenant",
                        tenant + "=" + elsewhere,
                        "--apply")
                .assertExit(0);
        String user = grant.get("user").toString();
        assertThat(other.oauth("token", "sandbox", user).out()).isEqualTo(grant.get("access_token") + "\n");
        assertThat(other.oauth("get", "sandbox", user, "-o", "json").out()).contains("\"refreshable\" : true");
    }

    @Test
    void importShowsItsProgressAndItsRowsSideBySide() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            lines.append("{\"provider\":\"sandbox\",\"user\":\"side")
                    .append(i)
                    .append("@example.com\",\"access_token\":\"a\"}\n");
        }
        Path file = Files.writeString(home.resolve("grants.jsonl"), lines.toString());

        String seen =
                nexus.onTerminal(100, "import", file.toString()).assertExit(0).out();

        assertThat(seen).contains("\r" + AWAY, " rows");
        // what stands on a line when all that was taken away is gone
        List<String> left = Stream.of(seen.split("\n"))
                .map(line -> line.lastIndexOf(AWAY) < 0 ? line : line.substring(line.lastIndexOf(AWAY) + AWAY.length()))
                .toList();
        assertThat(left)
                .filteredOn(line -> line.startsWith("✓ stored       sandbox:side"))
                .hasSize(300);
        assertThat(left.getLast()).isEqualTo("Dry run, nothing was changed (use --apply to import): 300 stored");
    }

    private static String[] with(String[] args, String... more) {
        return java.util.stream.Stream.concat(java.util.Arrays.stream(args), java.util.Arrays.stream(more))
                .toArray(String[]::new);
    }
}
