package io.nexus.oauth.testing;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;

/** Looks at the real database behind the service's back, and changes it there. */
public final class TestDatabase {

    private final DataSource source;

    /** Works on {@code source}. */
    public TestDatabase(DataSource source) {
        this.source = source;
    }

    /** Removes what tests left behind. */
    public void clear() {
        heal("oauth_credentials");
        heal("credential_usage");
        run("DELETE FROM oauth_credentials");
        run("DELETE FROM revocation_outbox");
        run("DELETE FROM oauth_clients");
        run("DELETE FROM credential_usage");
    }

    /** Sets columns of one credential. */
    public void set(UUID credential, String assignments) {
        run("UPDATE oauth_credentials SET " + assignments + " WHERE credential_id = '" + credential + "'");
    }

    /** One column of one credential as text; null when it is null. */
    public String get(UUID credential, String expression) {
        return one(
                "SELECT (" + expression + ")::text FROM oauth_credentials WHERE credential_id = '" + credential + "'");
    }

    /** One number. */
    public long count(String query) {
        return Long.parseLong(one(query));
    }

    /** The operations in the audit trail of one credential, in order, with their details. */
    public List<String> audit(UUID credential) {
        return all("SELECT operation || COALESCE(':' || detail, '') FROM audit_events WHERE credential_id = '"
                + credential + "' ORDER BY event_id");
    }

    /** From now on every write to {@code table} fails. */
    public void breakWrites(String table) {
        run("CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
                + "$$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$");
        run("CREATE OR REPLACE TRIGGER broken BEFORE INSERT OR UPDATE ON " + table + " EXECUTE FUNCTION refuse()");
    }

    /** From now on every write of new tokens fails; claims do not. */
    public void breakTokens() {
        run("CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS "
                + "$$ BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$");
        run("CREATE OR REPLACE TRIGGER broken BEFORE UPDATE OF encrypted_access_token ON oauth_credentials"
                + " EXECUTE FUNCTION refuse()");
    }

    /** Ends what {@link #breakWrites} and {@link #breakTokens} began. */
    public void heal(String table) {
        run("DROP TRIGGER IF EXISTS broken ON " + table);
    }

    /** Runs a statement. */
    public void run(String sql) {
        try (Connection connection = source.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.execute();
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }

    /** The first column of the first row. */
    public String one(String sql) {
        List<String> rows = all(sql);
        return rows.isEmpty() ? null : rows.getFirst();
    }

    /** The first column of all rows. */
    public List<String> all(String sql) {
        try (Connection connection = source.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            List<String> found = new ArrayList<>();
            while (rows.next()) {
                found.add(rows.getString(1));
            }
            return found;
        } catch (SQLException e) {
            throw new AssertionError(sql, e);
        }
    }
}
