package io.nexus.oauth.testing;

import io.quarkus.test.junit.QuarkusTestProfile;
import java.util.Map;
import javax.sql.DataSource;

/** The service as an operator runs it with row-level security. */
public class RowLevelSecurity implements QuarkusTestProfile {

    public static final String ROLE = "nexus_oauth_tenant";

    @Override
    public Map<String, String> getConfigOverrides() {
        return Map.of("nexus.oauth.database.tenant-role", ROLE);
    }

    /** What the operator does once. */
    public static TestDatabase enabled(DataSource source) {
        TestDatabase database = new TestDatabase(source);
        if (database.count("SELECT count(*) FROM pg_roles WHERE rolname = '" + ROLE + "'") == 0) {
            database.run("CREATE ROLE " + ROLE + " NOLOGIN");
        }
        database.run("GRANT " + ROLE + " TO CURRENT_USER");
        database.run("SELECT enable_row_level_security('" + ROLE + "')");
        return database;
    }
}
