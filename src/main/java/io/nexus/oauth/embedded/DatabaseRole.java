package io.nexus.oauth.embedded;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/**
 * The service's role and database in the embedded server. The role is no superuser: row-level security does not apply
 * to one, and a local run should fail where a production database would.
 */
final class DatabaseRole {

    /** The name of both. */
    static final String NAME = "nexus";

    private DatabaseRole() {}

    /**
     * Creates the role and the database if they are missing. The steps are independent, so the next start completes a
     * start that was killed.
     */
    static void ensure(DataSource superuser, String password) throws SQLException {
        try (Connection connection = superuser.getConnection();
                Statement statement = connection.createStatement()) {
            if (!exists(statement, "select 1 from pg_roles where rolname = '" + NAME + "'")) {
                // CREATEROLE: a migration may split the owner of the tables from the role that uses them
                statement.execute("create role " + NAME + " login createrole password '" + password + "'");
            }
            if (!exists(statement, "select 1 from pg_database where datname = '" + NAME + "'")) {
                statement.execute("create database " + NAME + " owner " + NAME);
            }
        }
    }

    private static boolean exists(Statement statement, String query) throws SQLException {
        try (ResultSet rows = statement.executeQuery(query)) {
            return rows.next();
        }
    }
}
