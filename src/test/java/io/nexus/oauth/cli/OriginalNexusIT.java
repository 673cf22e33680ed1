package io.nexus.oauth.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.macasaet.fernet.Key;
import io.agroal.api.AgroalDataSource;
import io.nexus.oauth.cli.OriginalNexus.Row;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.testing.RunningSchedule;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Imports from databases of the original Nexus: all versions, both engines, any size. */
@QuarkusTest
class OriginalNexusIT implements RunningSchedule {

    /** {@code -Dnexus.import.rows=100000} for the size that the command is made for. */
    private static final int ROWS = Integer.getInteger("nexus.import.rows", 4000);

    /** Of a token, so that a few thousand rows are more than the heap of the command holds. */
    private static final int LONG = 6000;

    @TempDir
    Path home;

    @Inject
    AgroalDataSource dataSource;

    private final Key key = Key.generateKey();
    private String tenant;
    private String apiKey;
    private NexusProcess nexus;

    @BeforeEach
    void newTenant() {
        tenant = Api.unique("tenant");
        apiKey = Api.key(tenant, Api.ALL_ROLES);
        nexus = NexusProcess.of(home, apiKey).with("NEXUS_OAUTH_ENCRYPTION_KEY", key.serialise());
    }

    @Test
    void readsTheNewestTableWhileItsServiceRuns() throws Exception {
        Path file = home.resolve("nexus.db");
        try (OriginalNexus database = OriginalNexus.sqlite(file, key)) {
            database.run("PRAGMA journal_mode = WAL");
            database.schema("zone_id TEXT NOT NULL, user_id TEXT, token_family_id TEXT, rotation_counter INTEGER,"
                    + " refresh_token_hash TEXT");
            database.run("CREATE TABLE refresh_token_history (id INTEGER PRIMARY KEY, token_hash TEXT)");
            database.insert("zone_id", new Row("root", "root"));
            database.insert("zone_id", new Row("blank", ""));
            database.insert("zone_id", new Row("acme", "acme"));
            database.insert("zone_id", new Row("acme-lost", "acme").under(Key.generateKey()));
            String[] command = {
                "import", "--from-nexus", file.toString(), "--map-tenant", "root=" + tenant, "--tenant-id", tenant
            };

            // what is not of the tenant that is asked for is no failure of its import
            NexusProcess.Ended one = nexus.oauth(command);
            assertThat(one.assertExit(0).err()).contains("1 stored, 3 other-tenant");
            NexusProcess.Ended both = nexus.oauth(with(command, "--map-tenant", "default=" + tenant));
            assertThat(both.assertExit(0).err()).contains("2 stored, 2 other-tenant");
        }
    }

    @Test
    void readsWhateverTheOriginalWroteIntoAColumn() throws Exception {
        Path file = home.resolve("nexus.db");
        String whole = Instant.now()
                .plus(2, ChronoUnit.HOURS)
                .truncatedTo(ChronoUnit.SECONDS)
                .toString();
        try (OriginalNexus database = OriginalNexus.sqlite(file, key)) {
            database.schema("tenant_id TEXT");
            database.insert(
                    "tenant_id",
                    List.of(
                            new Row("seconds", tenant)
                                    .endsAs(whole.replace('T', ' ').replace("Z", "")),
                            new Row("zulu", tenant).endsAs(whole),
                            new Row("offset", tenant).endsAs(whole.replace("Z", "+00:00")),
                            new Row("endless", tenant).endsAs(null),
                            new Row("odd-time", tenant).endsAs("some day"),
                            new Row("plain-scopes", tenant).scopes("a b"),
                            new Row("no-scopes", tenant).scopes(null),
                            new Row("type", tenant).type("bearer"),
                            new Row("odd-type", tenant).type("B e a r e r"),
                            new Row("half-lost", tenant).refreshUnder(Key.generateKey()),
                            new Row("", tenant),
                            new Row("quo'ted", tenant)));
        }

        NexusProcess.Ended done =
                nexus.oauth("import", "--from-nexus", file.toString(), "--map-provider", "x'y=sandbox", "--apply");

        assertThat(done.assertExit(1).err()).contains("Done: 10 stored, 1 unreadable, 1 refused");
        assertThat(done.lines())
                .filteredOn(line -> line.startsWith("refused"))
                .singleElement()
                .asString()
                .contains("/user is required");
        for (String user : List.of("seconds", "zulu", "offset")) {
            assertThat(shown(user).path("expires_at").asText()).as(user).isEqualTo(whole);
        }
        assertThat(shown("endless").hasNonNull("expires_at")).isFalse();
        assertThat(shown("odd-time").path("expired").asBoolean()).isTrue();
        assertThat(shown("plain-scopes").path("scopes")).hasSize(2);
        assertThat(shown("no-scopes").path("scopes")).isEmpty();
        assertThat(shown("odd-type").path("token_type").asText()).isEqualTo("Bearer");
        assertThat(shown("quo'ted").path("status").asText()).isEqualTo("active");
    }

    /** The original had a provider for each product of a vendor: here they are one account. */
    @Test
    void saysBeforehandWhichRowsBecomeOne() throws Exception {
        Path file = home.resolve("nexus.db");
        try (OriginalNexus database = OriginalNexus.sqlite(file, key)) {
            database.schema("tenant_id TEXT");
            database.insert(
                    "tenant_id",
                    new Row("alice", "one").at("gmail").token("older").had(-90));
            database.insert(
                    "tenant_id",
                    new Row("alice", "two").at("google-drive").token("newer").had(-5));
            database.insert(
                    "tenant_id",
                    new Row("alice", null).at("sandbox").token("oldest").had(-900));
        }
        String[] command = {
            "import",
            "--from-nexus",
            file.toString(),
            "--map-provider",
            "gmail=sandbox",
            "--map-provider",
            "google-drive=sandbox",
            "--map-tenant",
            "one=" + tenant,
            "--map-tenant",
            "two=" + tenant,
            "--map-tenant",
            "default=" + tenant
        };

        assertThat(nexus.oauth(command).assertExit(0).err()).contains("1 stored, 2 duplicate");
        assertThat(nexus.oauth(with(command, "--apply")).assertExit(0).err()).contains("1 stored, 2 duplicate");
        assertThat(nexus.oauth("token", "sandbox", "alice@example.com").out()).isEqualTo("newer\n");
    }

    @Test
    void readsPostgresToo() throws Exception {
        String schema = "original_" + UUID.randomUUID().toString().replace("-", "");
        String place;
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE SCHEMA " + schema);
            statement.execute("SET search_path TO " + schema);
            OriginalNexus database = OriginalNexus.postgres(connection, key);
            database.schema("tenant_id VARCHAR(255)");
            database.insert(
                    "tenant_id",
                    IntStream.range(0, 700)
                            .mapToObj(i -> new Row("pg" + i, tenant))
                            .toList());
            database.insert("tenant_id", new Row("twice", null).token("older").had(-60));
            database.insert("tenant_id", new Row("twice", null).token("newer").had(-5));
            database.insert("tenant_id", new Row("gone", tenant).revoked(1));
            database.insert("tenant_id", new Row("back", tenant).stale());
            database.insert("tenant_id", new Row("lost", tenant).under(Key.generateKey()));
            place = connection.getMetaData().getURL();
            statement.execute("SET search_path TO public");
        }
        String user = setting("quarkus.datasource.username");
        place = place.replaceFirst("^jdbc:postgresql://", "postgresql+psycopg2://" + user + "@")
                        .replaceFirst("\\?.*", "")
                + "?currentSchema=" + schema;
        String[] command = {"import", "--from-nexus", place, "--quiet", "--map-tenant", "default=" + tenant};

        String sums = "702 stored, 1 revoked, 1 duplicate, 1 unreadable";
        assertThat(nexus.oauth(command).assertExit(2).err()).doesNotContain("stored");
        assertThat(nexus.with("PGPASSWORD", setting("quarkus.datasource.password"))
                        .oauth(command)
                        .assertExit(1)
                        .err())
                .contains(sums);
        Path passwords = Files.writeString(
                home.resolve("pgpass"), "*:*:*:" + user + ":" + setting("quarkus.datasource.password") + "\n");
        Files.setPosixFilePermissions(passwords, PosixFilePermissions.fromString("rw-------"));
        NexusProcess.Ended done = nexus.without("PGPASSWORD")
                .with("PGPASSFILE", passwords.toString())
                .oauth(with(command, "--apply"));
        assertThat(done.assertExit(1).err()).contains("Done: " + sums);
        assertThat(nexus.oauth("token", "sandbox", "twice@example.com").out()).isEqualTo("newer\n");
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP SCHEMA " + schema + " CASCADE");
        }
    }

    @Test
    void bringsAnyNumberInLittleMemory() throws Exception {
        Path file = home.resolve("nexus.db");
        String padding = "x".repeat(ROWS > 10_000 ? 500 : LONG);
        try (OriginalNexus database = OriginalNexus.sqlite(file, key)) {
            database.schema("tenant_id TEXT");
            database.insert(
                    "tenant_id",
                    () -> IntStream.range(0, ROWS)
                            .mapToObj(i -> new Row("many" + i, tenant).token(i + padding))
                            .iterator());
        }
        nexus.with("NEXUS_JAVA_OPTS", "-Xmx32m");
        Instant begin = Instant.now();
        Process process = nexus.start("import", "--from-nexus", file.toString(), "--apply", "--quiet");
        long most = 0;
        while (!process.waitFor(100, TimeUnit.MILLISECONDS)) {
            most = Math.max(most, peak(process.pid()));
        }
        Duration took = Duration.between(begin, Instant.now());

        assertThat(process.exitValue()).as(errors()).isZero();
        assertThat(errors()).contains("Done: " + ROWS + " stored");
        System.out.printf(
                "%d rows of a file of %d MiB in %d s, peak RSS of the command %d MiB, heap 32 MiB%n",
                ROWS, Files.size(file) >> 20, took.toSeconds(), most >> 10);
        if (took.toSeconds() > 25) {
            assertThat(errors())
                    .containsPattern("[0-9]+ of " + ROWS + " rows, [0-9]+ %, [0-9]+/s, [0-9]+ (s|min) left");
        }
        assertThat(nexus.oauth("token", "sandbox", "many" + (ROWS - 1) + "@example.com")
                        .out())
                .isEqualTo((ROWS - 1) + padding + "\n");
    }

    /** In KiB. */
    private static long peak(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc", String.valueOf(pid), "status")).stream()
                    .filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) { // it ended
            return 0;
        }
    }

    private String errors() throws IOException {
        return Files.readString(home.resolve("err"));
    }

    private JsonNode shown(String user) throws IOException {
        return new ObjectMapper()
                .readTree(nexus.oauth("get", "sandbox", user + "@example.com", "-o", "json")
                        .assertExit(0)
                        .out());
    }

    private static String setting(String name) {
        return ConfigProvider.getConfig().getValue(name, String.class);
    }

    private static String[] with(String[] args, String... more) {
        return java.util.stream.Stream.concat(java.util.Arrays.stream(args), java.util.Arrays.stream(more))
                .toArray(String[]::new);
    }
}
