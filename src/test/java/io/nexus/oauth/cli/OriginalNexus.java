package io.nexus.oauth.cli;

import com.macasaet.fernet.Key;
import com.macasaet.fernet.Token;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A database of the original Nexus, with rows as its code left them there. */
final class OriginalNexus implements AutoCloseable {

    private static final DateTimeFormatter NAIVE = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS");

    private final Connection connection;
    private final Key key;

    private OriginalNexus(Connection connection, Key key) {
        this.connection = connection;
        this.key = key;
    }

    /** In the SQLite database {@code file}, sealed by {@code key} where a row does not say otherwise. */
    static OriginalNexus sqlite(Path file, Key key) throws SQLException {
        return new OriginalNexus(DriverManager.getConnection("jdbc:sqlite:" + file), key);
    }

    /** In the present schema of {@code connection}, a PostgreSQL. */
    static OriginalNexus postgres(Connection connection, Key key) {
        return new OriginalNexus(connection, key);
    }

    /** Makes the table; {@code more} are the columns and rules that changed over time. */
    void schema(String more) throws SQLException {
        run("""
                CREATE TABLE oauth_credentials (credential_id VARCHAR(36) PRIMARY KEY, provider VARCHAR(50) NOT NULL,
                  user_email VARCHAR(255) NOT NULL, encrypted_access_token TEXT NOT NULL, encrypted_refresh_token TEXT,
                  token_type VARCHAR(50) NOT NULL, expires_at TIMESTAMP, scopes TEXT, client_id VARCHAR(255), token_uri TEXT,
                  created_at TIMESTAMP NOT NULL, updated_at TIMESTAMP NOT NULL, last_refreshed_at TIMESTAMP,
                  revoked INTEGER NOT NULL, revoked_at TIMESTAMP, created_by VARCHAR(255), last_used_at TIMESTAMP, %s)""".formatted(more));
    }

    void run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** Adds {@code row}; {@code owner} is the column of its tenant. */
    void insert(String owner, Row row) throws SQLException {
        insert(owner, List.of(row));
    }

    /** Adds {@code rows} in one transaction. */
    void insert(String owner, Iterable<Row> rows) throws SQLException {
        boolean postgres = connection.getMetaData().getURL().contains("postgres");
        String time = postgres ? "?::timestamp" : "?";
        String sql = "INSERT INTO oauth_credentials (credential_id, provider, user_email, encrypted_access_token,"
                + " encrypted_refresh_token, token_type, expires_at, scopes, client_id, created_at, updated_at, revoked, revoked_at, "
                + owner + ") VALUES (?, ?, ?, ?, ?, ?, " + time + ", ?, 'their-client', " + time + ", " + time + ", ?, "
                + time + ", ?)";
        boolean before = connection.getAutoCommit();
        connection.setAutoCommit(false);
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            for (Row row : rows) {
                List<Object> values = values(row);
                for (int i = 0; i < values.size(); i++) {
                    insert.setObject(i + 1, values.get(i));
                }
                insert.execute();
            }
            connection.commit();
        } finally {
            connection.setAutoCommit(before);
        }
    }

    private List<Object> values(Row row) {
        Key access = row.accessKey == null ? key : row.accessKey;
        Key refresh = row.refreshKey == null ? key : row.refreshKey;
        List<Object> values = new ArrayList<>();
        values.add(UUID.randomUUID().toString());
        values.add(row.provider);
        values.add(row.user);
        values.add(Token.generate(access, row.access).serialise());
        values.add(
                row.refresh == null
                        ? null
                        : Token.generate(refresh, row.refresh).serialise());
        values.add(row.type);
        values.add(row.ends);
        values.add(row.scopes);
        values.add(naive(row.had * 60L));
        values.add(naive(0));
        values.add(row.revoked);
        values.add(row.stale || row.revoked == 1 ? naive(-7200) : null);
        values.add(row.owner);
        return values;
    }

    /** A time as the original stored it: in UTC, without saying so. */
    static String naive(long secondsFromNow) {
        return LocalDateTime.ofInstant(Instant.now().plusSeconds(secondsFromNow), ZoneOffset.UTC)
                .format(NAIVE);
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    /** A row: alive, good for an hour, with a refresh token, unless something else is said of it. */
    static final class Row {
        private final String user;
        private final String owner;
        private String provider = "sandbox";
        private String access;
        private String refresh;
        private Key accessKey;
        private Key refreshKey;
        private int revoked;
        private boolean stale;
        private int had = -10;
        private String ends = naive(3600);
        private String scopes = "[\"files.read\"]";
        private String type = "Bearer";

        Row(String user, String owner) {
            this.user = user.isEmpty() ? "" : user + "@example.com";
            this.owner = owner;
            this.access = "access-" + user;
            this.refresh = "refresh-" + user;
        }

        Row token(String text) {
            access = text;
            refresh = "refresh-" + text;
            return this;
        }

        /** When its token was had, in minutes from now. */
        Row had(int minutes) {
            had = minutes;
            return this;
        }

        Row revoked(int value) {
            revoked = value;
            return this;
        }

        /** It was revoked once and connected again: the time of the revocation stayed. */
        Row stale() {
            stale = true;
            return this;
        }

        Row under(Key other) {
            accessKey = other;
            refreshKey = other;
            return this;
        }

        Row refreshUnder(Key other) {
            refreshKey = other;
            return this;
        }

        Row ends(long seconds) {
            ends = naive(seconds);
            return this;
        }

        /** Its end as it stands in the column. */
        Row endsAs(String text) {
            ends = text;
            return this;
        }

        Row withoutRefresh() {
            refresh = null;
            return this;
        }

        Row at(String other) {
            provider = other;
            return this;
        }

        Row scopes(String text) {
            scopes = text;
            return this;
        }

        Row type(String text) {
            type = text;
            return this;
        }
    }
}
