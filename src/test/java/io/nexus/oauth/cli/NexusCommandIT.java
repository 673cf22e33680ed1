package io.nexus.oauth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.nexus.oauth.cli.terminal.Text;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.rest.Browser;
import io.nexus.oauth.testing.StrictProvider;
import io.quarkus.test.junit.QuarkusTest;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line with the running service. */
@QuarkusTest
class NexusCommandIT {

    @TempDir
    Path home;

    StrictProvider provider;

    private String tenant;
    private String key;
    private NexusProcess nexus;

    @BeforeEach
    void newTenant() {
        provider.reset();
        tenant = Api.unique("tenant");
        key = Api.key(tenant, Api.ALL_ROLES);
        nexus = NexusProcess.of(home, key);
    }

    @Test
    void listsInEveryForm() throws IOException {
        Map<String, Object> grant = Api.grant();
        String user = grant.get("user").toString();
        String id = Api.imported(key, grant);

        assertThat(nexus.oauth("list").assertExit(0).lines())
                .hasSize(2)
                .startsWith("PROVIDER\tUSER_EMAIL\tTENANT_ID\tSTATE\tEXPIRES_AT\tLAST_USED")
                .element(1)
                .asString()
                .matches("sandbox\t" + user + "\t" + tenant + "\texpiring\t20[^\t]+Z\t");
        assertThat(nexus.oauth("list", "--no-headers").lines()).hasSize(1);
        assertThat(nexus.oauth("list", "-o", "wide").lines().getFirst()).contains("\tID\t", "SCOPES");
        assertThat(nexus.oauth("list", "-o", "name").out()).isEqualTo(id + "\n");
        JsonNode json =
                new ObjectMapper().readTree(nexus.oauth("list", "-o", "json").out());
        assertThat(json.get(0).path("id").asText()).isEqualTo(id);
        JsonNode yaml =
                new YAMLMapper().readTree(nexus.oauth("list", "-o", "yaml").out());
        assertThat(yaml).isEqualTo(json);
        JsonNode one =
                new ObjectMapper().readTree(nexus.oauth("get", id, "-o", "json").out());
        assertThat(one).isEqualTo(json.get(0));
        assertThat(nexus.oauth("get", "sandbox", user).out()).contains("PROVIDER\tsandbox\n", "ID\t" + id + "\n");
        assertThat(nexus.oauth("list", "--provider", "steady", "-o", "json").out())
                .isEqualTo("[]\n");
    }

    @Test
    void drawsATableWithDotsAndRelativeTimesOnATerminal() {
        Map<String, Object> grant = Api.grant();
        Api.imported(key, grant);
        nexus.with("CLICOLOR_FORCE", "1");

        List<String> lines = nexus.oauth("list").assertExit(0).lines();
        assertThat(lines.getFirst()).startsWith("┌─").endsWith("─┐");
        assertThat(lines.get(1)).contains("User Email", "Tenant ID", "Last Used", "\u001b[1m");
        assertThat(lines.get(3)).contains("│ sandbox ", "🟡 expiring", "Never");
        assertThat(lines).contains("Total: 1 credential");

        nexus.with("NO_COLOR", "1");
        assertThat(nexus.oauth("list").out()).doesNotContain("🟢", "\u001b").contains("│ expiring ");
        nexus.with("LANG", "C");
        assertThat(nexus.oauth("list").out()).matches("\\A\\p{ASCII}+\\z").contains("expiring");

        NexusProcess empty = NexusProcess.of(home, Api.newTenant());
        assertThat(empty.oauth("list").assertExit(0).out()).isEmpty();
        assertThat(empty.oauth("list").err()).isEqualTo("No OAuth credentials found\n");
        assertThat(empty.with("CLICOLOR_FORCE", "1").oauth("list").out()).isEqualTo("No OAuth credentials found\n");
    }

    @Test
    void listsRevokedOnesOnlyWhenAskedTo() {
        String live = Api.imported(key, Api.grant());
        String gone = Api.imported(key, Api.grant());
        nexus.oauth("revoke", gone).assertExit(0);

        assertThat(nexus.oauth("list", "-o", "name").lines()).containsExactly(live);
        assertThat(nexus.oauth("list", "--all", "-o", "name").lines()).containsExactly(live, gone);
        assertThat(nexus.oauth("list", "--state", "revoked", "--no-headers").lines())
                .singleElement()
                .asString()
                .contains("\trevoked\t");
    }

    @Test
    void drawsWhatFitsTheTerminal() {
        for (int i = 0; i < 3; i++) {
            Api.imported(key, Api.grant("user", "somebody-" + i + "@example.com"));
        }
        List<String> roomy = nexus.onTerminal(200, "list").assertExit(0).lines();
        assertThat(roomy.getFirst()).startsWith("┌─").endsWith("─┐");
        assertThat(roomy.get(3)).contains("somebody-0@example.com", "🟡 expiring", tenant, "Z │");
        assertThat(roomy).contains("Total: 3 credentials");
        assertThat(nexus.onTerminal(200, "list", "--limit", "4").lines()).contains("Total: 3 credentials");
        assertThat(nexus.onTerminal(200, "list", "--limit", "2").lines())
                .contains("2 credentials shown, as many as --limit allows");

        List<String> tight = nexus.onTerminal(80, "list").assertExit(0).lines();
        assertThat(tight).allMatch(line -> Text.width(line) <= 80);
        assertThat(tight.get(1)).contains("somebody-0@", "…", "🟡 expiring", "in 5", " min", "Never");
        assertThat(nexus.onTerminal(80, "list", "-o", "name").assertExit(0).lines())
                .hasSize(3)
                .allMatch(line -> line.length() == 36);
        assertThat(nexus.onTerminal(80, "get", "sandbox", "nobody@example.com")
                        .assertExit(3)
                        .out())
                .startsWith("nexus: Credential not found");
    }

    @Test
    void readsEveryPage() throws IOException {
        for (int i = 0; i < 230; i++) {
            Api.imported(key, Api.grant());
        }

        assertThat(nexus.oauth("list", "-o", "name").lines()).hasSize(230).doesNotHaveDuplicates();
        assertThat(nexus.oauth("list", "-o", "name", "--limit", "201").lines()).hasSize(201);
        assertThat(new ObjectMapper().readTree(nexus.oauth("list", "-o", "json").out()))
                .hasSize(230);
    }

    @Test
    void printsTheTokenAndNothingElse() {
        Map<String, Object> grant = Api.grant();
        String id = Api.imported(key, grant);
        String user = grant.get("user").toString();
        String token = grant.get("access_token").toString();

        assertThat(nexus.oauth("token", "sandbox", user).assertExit(0).out()).isEqualTo(token + "\n");
        assertThat(nexus.oauth("token", "-n", id).out()).isEqualTo(token);
        assertThat(nexus.oauth("token", "--header", id).out()).isEqualTo("Authorization: Bearer " + token + "\n");
        assertThat(nexus.oauth("token", "-o", "json", id).out()).contains("\"version\":1");
        for (String command : List.of("list", "get", "test", "refresh")) {
            NexusProcess.Ended ended =
                    command.equals("list") ? nexus.oauth("list", "-o", "json") : nexus.oauth(command, "sandbox", user);
            assertThat(ended.out() + ended.err()).doesNotContain(token);
        }
    }

    @Test
    void endsWithTheExitCodeOfWhatHappened() {
        Map<String, Object> ended = Api.grant("expires_in", 0);
        Api.imported(key, ended);
        String revoked = Api.imported(key, Api.grant());
        String unknown = UUID.randomUUID().toString();

        nexus.oauth("list").assertExit(0);
        assertThat(nexus.oauth("list", "--no-such-option").assertExit(2).err()).contains("--no-such-option", "--help");
        nexus.oauth("list", "-o", "xml").assertExit(2);
        nexus.oauth("nonsense").assertExit(2);
        nexus.oauth("get", "neither-id-nor-user").assertExit(2);
        nexus.oauth("list", "--status", "odd").assertExit(2);
        nexus.oauth("list", "--state", "odd").assertExit(2);
        nexus.oauth("get", unknown).assertExit(3);
        nexus.oauth("token", "sandbox", "nobody@example.com").assertExit(3);
        nexus.oauth("revoke", "sandbox", "nobody@example.com").assertExit(3);
        nexus.oauth("list", "--tenant-id", "not-mine").assertExit(4);
        assertThat(nexus.oauth("revoke", revoked).assertExit(0).out()).startsWith("✓ Revoked credential: sandbox:");
        assertThat(nexus.oauth("token", revoked).assertExit(5).err()).contains("nexus oauth connect");
        nexus.oauth("token", "sandbox", ended.get("user").toString()).assertExit(5);
        assertThat(nexus.oauth("list", "--server", "http://127.0.0.1:1")
                        .assertExit(6)
                        .err())
                .contains("cannot connect to");
        nexus.oauth(
                        "list",
                        "--server",
                        "https://127.0.0.1:" + NexusProcess.server().replaceFirst(".*:", ""))
                .assertExit(1);
        String reader = Api.key(tenant, "token-reader");
        NexusProcess.of(home, reader).oauth("list").assertExit(4);
        NexusProcess.of(home, "nxo_nonsense").oauth("list").assertExit(4);
        assertThat(NexusProcess.of(home, key)
                        .without("NEXUS_API_KEY")
                        .oauth("list")
                        .assertExit(4)
                        .err())
                .contains("not logged in");
    }

    @Test
    void tellsAProviderThatIsAwayFromAGrantThatIsOver() {
        String user = Api.unique("user") + "@example.com";
        StrictProvider.Tokens tokens = provider.grant(user);
        Map<String, Object> grant = new HashMap<>(Map.of(
                "provider",
                "steady",
                "user",
                user,
                "access_token",
                tokens.access(),
                "refresh_token",
                tokens.refresh(),
                "client_id",
                StrictProvider.CLIENT,
                "expires_in",
                0));
        // the client of the configuration is for every tenant
        Api.imported(key, grant);
        provider.next(user, StrictProvider.status(503, "Retry-After: 3", ""));

        assertThat(nexus.oauth("token", "steady", user).assertExit(6).err()).contains("retry in");
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> nexus.oauth("token", "steady", user).assertExit(0));
        assertThat(nexus.oauth("refresh", "steady", user).assertExit(0).out()).startsWith("✓ Refreshed credential");
    }

    @Test
    void connectsAnAccountThroughTheBrowser() throws Exception {
        String user = Api.unique("user") + "@example.com";
        Process process = nexus.start("connect", "sandbox", user, "--scopes", "openid", "--scopes", "email");
        try (BufferedReader out = process.inputReader()) {
            String link = out.readLine();
            assertThat(link).as(() -> err()).startsWith(Api.publicUrl());
            new Browser().connect(link, user);
            assertThat(out.readLine()).startsWith("✓ Connected sandbox:" + user + ", credential ");
        }
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isZero();
        assertThat(nexus.oauth("test", "sandbox", user).assertExit(0).out()).contains("✓ Credential is valid");
        assertThat(nexus.oauth("refresh", "sandbox", user).assertExit(0).out()).contains("✓ Refreshed credential");
        assertThat(nexus.oauth("audit", "--operation", "credential_created").out())
                .contains("sandbox\t" + user);
        List<String> newest = nexus.oauth("audit", "-o", "name").lines();
        assertThat(newest)
                .hasSizeGreaterThan(2)
                .isSortedAccordingTo(
                        Comparator.<String, Long>comparing(Long::valueOf).reversed());
        assertThat(nexus.oauth("audit", "--limit", "2", "-o", "name").lines()).isEqualTo(newest.subList(0, 2));
        assertThat(nexus.oauth("audit", "export").lines()).hasSizeGreaterThan(2).allMatch(line -> line.startsWith("{"));
        assertThat(nexus.oauth("audit", "verify").assertExit(0).out()).startsWith("✓ Intact");
    }

    /** Two commands on the embedded default, and no browser. */
    @Test
    void connectsAMachineWithoutABrowser() {
        String name = Api.unique("billing");
        assertThat(nexus.oauth("connect", "sandbox", name, "--grant", "client_credentials", "--scope", "files.read")
                        .assertExit(0)
                        .out())
                .startsWith("✓ Connected sandbox:" + name + ", credential ");
        assertThat(nexus.oauth("token", "sandbox", name).assertExit(0).out()).startsWith("sandbox-access-");
        assertThat(nexus.oauth("get", "sandbox", name, "-o", "yaml")
                        .assertExit(0)
                        .out())
                .contains("grant_type: \"client_credentials\"");

        assertThat(nexus.oauth("connect", "sandbox", name, "--grant", "client_credentials", "--scope", "email")
                        .assertExit(1)
                        .err())
                .contains("invalid_scope");
        assertThat(nexus.oauth("connect", "sandbox", name, "--no-wait")
                        .assertExit(1)
                        .err())
                .contains("machine connection");
        nexus.oauth("connect", "sandbox", name, "--grant", "password").assertExit(2);
        nexus.oauth("connect", "sandbox", name, "--grant", "client_credentials", "--subject", "a")
                .assertExit(2);
        assertThat(nexus.oauth("connect", "sandbox", name, "--grant", "jwt-bearer", "--subject", "a")
                        .assertExit(2)
                        .err())
                .contains("must be one of client_credentials for a machine connection at sandbox");
        nexus.oauth("connect", "sandbox", name, "--audience", "a").assertExit(2);
        nexus.oauth("connect", "sandbox", name, "--grant", "client_credentials", "--expires-in", "60")
                .assertExit(2);
    }

    @Test
    void connectsACredentialAgainByItsId() {
        String id = Api.imported(key, Api.grant());

        assertThat(nexus.oauth("connect", id, "--no-wait").assertExit(0).out()).startsWith(Api.publicUrl());
        nexus.oauth("connect", id, "--no-wait", "--client-id", "x").assertExit(2);
        nexus.oauth("connect", UUID.randomUUID().toString(), "--no-wait").assertExit(3);
    }

    @Test
    void tellsWhenTheUserDenies() throws Exception {
        String user = Api.unique("user") + "@example.com";
        Process process = nexus.start("init", "sandbox", "--user", user);
        try (BufferedReader out = process.inputReader()) {
            Browser browser = new Browser();
            browser.get(Browser.location(browser.get(browser.answer(browser.depart(out.readLine()), user, "deny"))));
            assertThat(out.readLine()).startsWith("✗ Not connected: sandbox:" + user + " (access_denied");
        }
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).isEqualTo(1);
    }

    @Test
    void initRegistersTheClientAndKeepsSecretsOutOfSight() throws IOException {
        String[] init = {
            "init", "google", "alice@example.com", "--no-wait", "--client-id", "123.apps", "--scopes", "openid"
        };
        String secret = "GOCSPX-canary";

        assertThat(nexus.oauth(init).assertExit(2).err()).contains("--client-secret-file");
        NexusProcess.Ended typed = nexus.oauthWith(secret + "\n", with(init, "--client-secret-file", "-"));
        assertThat(typed.assertExit(0).out())
                .startsWith(Api.publicUrl() + "/connect/")
                .hasLineCount(1);
        assertThat(typed.err()).contains("redirect URI").doesNotContain(secret);
        nexus.oauth(init).assertExit(0);
        NexusProcess.Ended seen = nexus.oauth(with(init, "--client-secret", secret));
        assertThat(seen.assertExit(0).err()).contains("other users can see").doesNotContain(secret);

        assertThat(nexus.oauth("clients").out())
                .contains("google\t123.apps\tone\topenid")
                .doesNotContain(secret);
        assertThat(nexus.oauth("clients", "get", "google", "-o", "json").out()).contains("\"has_secret\" : true");
        String[] set = {"clients", "set", "google", "--client-id", "123.apps", "--scopes", "openid,email"};
        assertThat(nexus.oauthWith("GOCSPX-canary2\n", with(set, "--second-client-secret-file", "-"))
                        .assertExit(0)
                        .out())
                .contains("SECRETS\ttwo", "SCOPES\topenid email")
                .doesNotContain("canary2");
        String[] other = {"clients", "set", "google", "--client-id", "another", "--public-client"};
        assertThat(nexus.oauth(other).assertExit(2).err())
                .contains("Old: 123.apps; new: another", "with a live grant: 0", "--replace");
        assertThat(nexus.oauth("clients", "get", "google").out()).contains("123.apps");
        nexus.oauth(with(other, "--replace")).assertExit(0);
        assertThat(nexus.oauth("clients", "get", "google").out()).contains("another");
        nexus.oauth("clients", "delete", "google").assertExit(0);
        nexus.oauth("clients", "get", "google").assertExit(3);
        assertThat(nexus.oauth("providers").out()).contains("google\tGoogle");
        assertThat(nexus.oauth("providers", "google").out()).contains("REDIRECT_URI\t" + Api.publicUrl());
    }

    @Test
    void runsACommandWithTheTokenInItsEnvironment() {
        Map<String, Object> grant = Api.grant();
        Api.imported(key, grant);
        String user = grant.get("user").toString();

        NexusProcess.Ended ended = nexus.oauth(
                "exec",
                "sandbox",
                user,
                "--env",
                "MY_TOKEN",
                "--",
                "sh",
                "-c",
                "echo $MY_TOKEN:${NEXUS_API_KEY-none}; exit 42");
        assertThat(ended.assertExit(42).out()).isEqualTo(grant.get("access_token") + ":none\n");
        nexus.oauth("exec", "sandbox", user, "--", "no-such-command-anywhere").assertExit(127);
        nexus.oauth("exec", "sandbox", user, "--env", "A=B", "--", "true").assertExit(2);
    }

    @Test
    void givesGitTheTokenForItsHostOnly() {
        Map<String, Object> grant = Api.grant();
        Api.imported(key, grant);
        String[] get = {"git-credential", "sandbox", grant.get("user").toString(), "--host", "git.example.com", "get"};

        assertThat(nexus.oauthWith("protocol=https\nhost=git.example.com\n\n", get)
                        .assertExit(0)
                        .out())
                .contains("username=oauth2\npassword=" + grant.get("access_token") + "\npassword_expiry_utc=");
        assertThat(nexus.oauthWith("protocol=https\nhost=evil.example.com\n\n", get)
                        .assertExit(0)
                        .out())
                .isEmpty();
        assertThat(nexus.oauthWith("protocol=http\nhost=git.example.com\n\n", get)
                        .assertExit(0)
                        .out())
                .isEmpty();
        nexus.oauth("git-credential", "sandbox", "alice@example.com", "get").assertExit(2);
    }

    @Test
    void keepsATokenFileFresh() throws Exception {
        Map<String, Object> grant = Api.grant("expires_in", 40);
        String id = Api.imported(key, grant);
        Path file = home.resolve("run").resolve("token");
        nexus.oauth("agent", id, "--file", file.toString(), "--once").assertExit(0);
        assertThat(Files.readString(file)).isEqualTo(grant.get("access_token"));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");

        Process agent = nexus.start("agent", id, "--file", file.toString());
        try {
            grant.put("access_token", "the-next-one");
            grant.put("expires_in", 40);
            Api.as(key).body(grant).post("/api/v1/credentials").then().statusCode(200);
            Awaitility.await()
                    .atMost(Duration.ofSeconds(120))
                    .until(() -> Files.readString(file).equals("the-next-one"));
            Api.as(key).post("/api/v1/credentials/" + id + "/revoke").then().statusCode(200);
            Awaitility.await().atMost(Duration.ofSeconds(120)).until(() -> !Files.exists(file));
            assertThat(agent.isAlive()).isTrue();
        } finally {
            agent.destroy();
            agent.waitFor(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void logsInAndNeverTakesAStoredKeyToAnotherServer() throws IOException {
        Api.imported(key, Api.grant());
        NexusProcess bare = new NexusProcess(home);
        bare.oauth("login", key, "--server", NexusProcess.server()).assertExit(2);
        bare.oauthWith("nxo_wrong", "login", "-", "--server", NexusProcess.server())
                .assertExit(4);
        assertThat(bare.oauthWith(key, "login", "-", "--server", NexusProcess.server(), "--name", "here")
                        .assertExit(0)
                        .out())
                .contains("Logged in to " + NexusProcess.server());

        Path config = home.resolve(".config/nexus/config.yaml");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(config)))
                .isEqualTo("rw-------");
        assertThat(bare.oauth("list", "-o", "name").assertExit(0).lines()).hasSize(1);
        assertThat(bare.oauth("context", "--no-headers").out())
                .contains("*\there\t" + NexusProcess.server())
                .doesNotContain(key);
        bare.oauth("list", "--server", "http://127.0.0.1:1").assertExit(4);
        bare.with("NEXUS_SERVER", "http://127.0.0.1:1").oauth("list").assertExit(4);
        bare.without("NEXUS_SERVER")
                .with("NEXUS_API_KEY", "nxo_other")
                .oauth("list")
                .assertExit(4);
        bare.without("NEXUS_API_KEY").oauth("list", "--context", "missing").assertExit(3);
        Path file = Files.writeString(home.resolve("key"), key + "\n");
        bare.oauth("login", "--name", "file", "--server", NexusProcess.server(), "--api-key-file", file.toString())
                .assertExit(0);
        assertThat(bare.oauth("list", "-o", "name").lines()).hasSize(1);
        bare.oauth("context", "use", "here").assertExit(0);
        bare.oauth("context", "delete", "here").assertExit(0);
        assertThat(Files.readString(config)).doesNotContain(key).contains("api_key_file");
        bare.oauth("list").assertExit(4);
    }

    @Test
    void watchesWhatChanges() throws Exception {
        Process watch = nexus.start("list", "--watch", "1", "-o", "name");
        try (BufferedReader out = watch.inputReader()) {
            String first = Api.imported(key, Api.grant());
            assertThat(out.readLine()).isEqualTo(first);
            String second = Api.imported(key, Api.grant());
            assertThat(out.readLine()).isEqualTo(second);
        } finally {
            watch.destroy();
            watch.waitFor(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void demonstratesEveryStateAFailingProviderAndAnIncident() throws Exception {
        String everything = Api.key("default", Api.ALL_ROLES);
        String own = Api.imported(everything, Api.grant());
        NexusProcess demo = NexusProcess.of(home, everything).inThisJvm();
        String shown = demo.oauth("demo").assertExit(0).out();

        assertThat(shown)
                .contains("nexus oauth demo --remove")
                // two tokens end within a second, and the demonstration waits for the first
                .containsPattern("✓ States: expired [12], expiring 1, reconnect_required 1, revoked 1, valid 2[34]\n");
        Map<String, String> states = demo.oauth("list", "--all", "--no-headers").lines().stream()
                .map(line -> line.split("\t"))
                .filter(line -> line[1].endsWith("@demo.example"))
                .collect(Collectors.toMap(line -> line[0] + ":" + line[1].replaceAll("@.*", ""), line -> line[3]));
        assertThat(states)
                .hasSize(28)
                .containsEntry("sandbox:alice", "valid")
                .containsEntry("sandbox:gina", "expiring")
                .containsEntry("sandbox-mail:emma", "expired")
                .containsEntry("sandbox:hugo", "reconnect_required")
                .containsEntry("sandbox:ines", "revoked")
                .containsEntry("sandbox-files:lena", "valid");
        assertThat(demo.oauth("get", "sandbox-files", "lena@demo.example").out())
                .contains("LAST_ERROR\tinvalid_grant");
        assertThat(demo.oauth("token", "sandbox-mail", "alice@demo.example")
                        .assertExit(0)
                        .out())
                .startsWith("sandbox-access-");
        demo.oauth("token", "sandbox-mail", "emma@demo.example").assertExit(6);
        String refreshes = "nexus_oauth_refresh_total";
        assertThat(Api.metric(refreshes, "provider=\"sandbox-files\"", "outcome=\"rejected\""))
                .isGreaterThanOrEqualTo(12);
        assertThat(Api.metric(refreshes, "provider=\"sandbox-mail\"", "outcome=\"unknown\""))
                .isGreaterThanOrEqualTo(5);
        assertThat(Api.metric("nexus_oauth_provider_circuit", "provider=\"sandbox-mail\""))
                .isPositive();
        assertThat(Api.metric("nexus_oauth_token_requests_total", "provider=\"sandbox-mail\"", "outcome=\"stale\""))
                .as("tokens that work although the provider is down")
                .isPositive();
        String link = shown.lines()
                .filter(line -> line.contains("/connect/accounts/open/"))
                .findFirst()
                .orElseThrow()
                .strip();
        assertThat(new Browser().get(link).statusCode()).isIn(200, 303);

        assertDemonstratesAgainAndEndsCleanly(demo, own);
    }

    /** The second run is ended when it has connected all accounts: the first has shown the rest. */
    private void assertDemonstratesAgainAndEndsCleanly(NexusProcess demo, String own) throws Exception {
        Process process = demo.start("demo");
        try (BufferedReader out = process.inputReader()) {
            assertThat(out.lines().anyMatch(line -> line.startsWith("✓ Sandbox Files")))
                    .as(this::err)
                    .isTrue();
        } finally {
            process.destroy();
        }
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(demo.oauth("list", "--all", "--no-headers").lines().stream()
                        .filter(line -> line.contains("@demo.example")))
                .hasSize(28);

        assertThat(demo.oauth("demo", "--remove").assertExit(0).out()).startsWith("✓ Revoked 27 accounts");
        assertThat(demo.oauth("list", "--no-headers").out()).doesNotContain("@demo.example");
        demo.oauth("get", own).assertExit(0);
        assertThat(demo.oauth("demo", "--remove").assertExit(0).out()).startsWith("✓ Revoked 0 accounts");
        assertThat(new Browser().get(NexusProcess.server() + "/sandbox").body())
                .contains("alice@demo.example", "ended: revoked by the client");
    }

    private String err() {
        try {
            return Files.readString(home.resolve("err"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static String[] with(String[] args, String... more) {
        return java.util.stream.Stream.concat(java.util.Arrays.stream(args), java.util.Arrays.stream(more))
                .toArray(String[]::new);
    }
}
