package io.nexus.oauth.bench;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nexus.oauth.testing.Postgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The benchmark's PostgreSQL: durable as in production; it counts its statements and can tell their plans. */
final class BenchPostgres extends Postgres {

    /** Sessions count for themselves and tell at latest after ten idle seconds. */
    static final long COUNTED_MILLIS = 11_000;

    private static final Pattern PLAN = Pattern.compile("duration: ([0-9.]+) ms  plan:\\s+");

    private final Connection counters;

    BenchPostgres(Path directory) throws IOException, InterruptedException, SQLException {
        super(directory.resolve("bin"), directory, "postgres", settings());
        counters = connect("postgres");
        run(counters, "CREATE EXTENSION pg_stat_statements");
    }

    private static Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>(DURABLE);
        settings.put("max_connections", "100");
        settings.put("shared_preload_libraries", "pg_stat_statements,auto_explain");
        settings.put("logging_collector", "on");
        settings.put("log_filename", "server.log");
        return settings;
    }

    /** A session in the service's database. */
    Connection connect() throws SQLException {
        return connect(DATABASE);
    }

    static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    static List<String> rows(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> all = new ArrayList<>();
            while (rows.next()) {
                all.add(rows.getString(1));
            }
            return all;
        }
    }

    static long number(Connection connection, String sql) throws SQLException {
        return Long.parseLong(rows(connection, sql).getFirst());
    }

    /** Where the server stands; of sessions that were idle for {@link #COUNTED_MILLIS} all is counted. */
    Counts counts() throws SQLException {
        return new Counts(
                number(counters, "SELECT xact_commit FROM pg_stat_database WHERE datname = 'nexus'"),
                number(counters, "SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn"),
                number(counters, "SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal'"));
    }

    void forgetStatements() throws SQLException {
        rows(counters, "SELECT pg_stat_statements_reset()::text");
    }

    /** The statements of the service by the time they took, each with its calls for every one of {@code refreshes}. */
    List<String> statements(long refreshes) throws SQLException {
        return rows(counters, """
                SELECT format('%%s calls %%s ms %%s rows %%s B of WAL  %%s',
                  lpad(round(calls::numeric / %1$d, 3)::text, 8), lpad(round(mean_exec_time::numeric, 3)::text, 8),
                  lpad(round(rows::numeric / calls, 1)::text, 6), lpad(round(wal_bytes / calls)::text, 6),
                  left(regexp_replace(query, '\\s+', ' ', 'g'), 90))
                FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid AND d.datname = 'nexus'
                WHERE calls * 100 >= %1$d AND toplevel AND query NOT LIKE '%%user_email LIKE%%'
                ORDER BY total_exec_time DESC LIMIT 8""".formatted(refreshes));
    }

    /** From now on the plan of each statement goes into the log. */
    long beginPlans() throws SQLException, IOException {
        explain("0");
        return Files.size(log());
    }

    /** The plans since {@link #beginPlans}; ends them. */
    List<Explained> endPlans(long from) throws SQLException, IOException {
        explain("-1");
        byte[] all = Files.readAllBytes(log());
        String text = new String(all, (int) from, all.length - (int) from, StandardCharsets.UTF_8);
        List<Explained> plans = new ArrayList<>();
        ObjectMapper json = new ObjectMapper();
        Matcher plan = PLAN.matcher(text);
        while (plan.find()) {
            try (JsonParser parser = json.createParser(text.substring(plan.end()))) {
                plans.add(new Explained(Double.parseDouble(plan.group(1)), json.readTree(parser)));
            }
        }
        return plans;
    }

    private void explain(String from) throws SQLException {
        for (String setting : List.of(
                "log_min_duration = " + from,
                "log_analyze = on",
                "log_timing = off",
                "log_buffers = on",
                "log_format = json")) {
            run(counters, "ALTER SYSTEM SET auto_explain." + setting);
        }
        run(counters, "SELECT pg_reload_conf()");
    }

    private Path log() throws IOException {
        try (Stream<Path> logs = Files.list(data().resolve("log"))) {
            return logs.findFirst().orElseThrow();
        }
    }

    /** What the server counted. */
    record Counts(long commits, long walBytes, long fsyncs) {
        Counts since(Counts before) {
            return new Counts(commits - before.commits, walBytes - before.walBytes, fsyncs - before.fsyncs);
        }
    }

    /** A statement as it was carried out. */
    record Explained(double millis, JsonNode plan) {

        boolean contains(String text) {
            return plan.path("Query Text").asText().contains(text);
        }

        long buffers() {
            JsonNode top = plan.path("Plan");
            return top.path("Shared Hit Blocks").asLong()
                    + top.path("Shared Read Blocks").asLong();
        }

        long rows() {
            return plan.path("Plan").path("Actual Rows").asLong();
        }
    }
}
