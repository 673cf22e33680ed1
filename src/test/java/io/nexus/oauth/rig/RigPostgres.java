package io.nexus.oauth.rig;

import io.nexus.oauth.testing.Postgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The rig's PostgreSQL: durable, overwritten with an older copy of itself, and asked behind the service's back. */
final class RigPostgres extends Postgres {

    RigPostgres(Path binaries, Path directory, String password) throws IOException, InterruptedException {
        super(binaries, directory, password, settings());
    }

    private static Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>(DURABLE);
        settings.put("max_connections", "100");
        settings.put("shared_buffers", "64MB");
        settings.put("min_wal_size", "64MB");
        settings.put("max_wal_size", "256MB");
        settings.put("log_line_prefix", "%m [%p] %a ");
        settings.put("log_min_duration_statement", "-1");
        settings.put("restart_after_crash", "on");
        return settings;
    }

    /** A copy of the files at one instant: what a crash at that instant would leave. */
    void copyTo(Path copy) throws IOException, InterruptedException {
        pause();
        try {
            copy(data(), copy);
        } finally {
            resume();
        }
    }

    /** Goes back to {@code copy}, which is used up. */
    void restore(Path copy) throws IOException, InterruptedException {
        kill();
        Files.move(data(), directory().resolve("data-lost-" + System.nanoTime()));
        Files.move(copy, data());
        start();
    }

    Connection connect() throws SQLException {
        return connect(DATABASE, "socketTimeout", "30");
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The rows as text, column by column; null is an empty text. */
    List<String[]> rows(String sql) throws SQLException {
        return snapshot(List.of(sql)).getFirst();
    }

    /** The rows of several queries at one instant. */
    List<List<String[]>> snapshot(List<String> queries) throws SQLException {
        try (Connection connection = connect()) {
            connection.setAutoCommit(false);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            List<List<String[]>> all = new ArrayList<>();
            for (String sql : queries) {
                all.add(rows(connection, sql));
            }
            connection.rollback();
            return all;
        }
    }

    private static List<String[]> rows(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            List<String[]> rows = new ArrayList<>();
            int columns = result.getMetaData().getColumnCount();
            while (result.next()) {
                String[] row = new String[columns];
                for (int i = 0; i < columns; i++) {
                    String value = result.getString(i + 1);
                    row[i] = value == null ? "" : value;
                }
                rows.add(row);
            }
            return rows;
        }
    }

    String value(String sql) throws SQLException {
        return rows(sql).getFirst()[0];
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            all.forEach(each -> {
                try {
                    Files.copy(
                            each,
                            to.resolve(from.relativize(each).toString()),
                            StandardCopyOption.COPY_ATTRIBUTES,
                            LinkOption.NOFOLLOW_LINKS);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }
}
