package io.nexus.oauth.embedded;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/**
 * The role and the database of the service in the embedded server. Not the superuser: row-level security does not bind one, and
 * a local run should fail where a production database would.
 */
final class DatabaseRole {

    /** The name of both. */
    static final String NAME = "nexus";

    private DatabaseRole() {}

    /** Makes what is missing; each step stands alone, so a start that was killed half way is completed by the next. */
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
