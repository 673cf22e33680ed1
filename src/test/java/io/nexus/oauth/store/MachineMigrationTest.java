package io.nexus.oauth.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import io.nexus.oauth.testing.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The migration of a database of the version before: it keeps every row as it is, and the grants of persons stay due. */
@QuarkusTest
class MachineMigrationTest {

    private static final String SCHEMA = "before_machines";

    @Inject
    AgroalDataSource dataSource;

    @AfterEach
    void drop() {
        new TestDatabase(dataSource).run("DROP SCHEMA IF EXISTS " + SCHEMA + " CASCADE");
    }

    @Test
    void keepsTheRowsAndTheirIndex() {
        TestDatabase database = new TestDatabase(dataSource);
        flyway("19").load().migrate();
        database.run(
                "INSERT INTO " + SCHEMA + ".oauth_credentials (credential_id, tenant_id, provider, user_email, status,"
                        + " encrypted_access_token, encrypted_refresh_token, issued_at, expires_at, next_refresh_at)"
                        + " SELECT gen_random_uuid(), 'acme', 'steady', i::text, CASE i % 5 WHEN 0 THEN 'revoked' ELSE 'active' END, 'k.a',"
                        + " CASE i % 3 WHEN 0 THEN NULL ELSE 'k.r' END, now(), now() + interval '1 h', now() + i * interval '1 min'"
                        + " FROM generate_series(1, 5000) i");
        String files = "SELECT pg_relation_filepath('" + SCHEMA + ".oauth_credentials')";
        String file = database.one(files);
        String columns =
                database.one("SELECT string_agg(md5(ROW(credential_id, status, encrypted_refresh_token, expires_at,"
                        + " next_refresh_at, token_version)::text), '' ORDER BY credential_id) FROM " + SCHEMA
                        + ".oauth_credentials");

        flyway("20.1").load().migrate();

        // the table's file is the same, so no row was rewritten
        assertThat(database.one(files)).isEqualTo(file);
        assertThat(database.one("SELECT string_agg(md5(ROW(credential_id, status, encrypted_refresh_token, expires_at,"
                        + " next_refresh_at, token_version)::text), '' ORDER BY credential_id) FROM " + SCHEMA
                        + ".oauth_credentials WHERE token_request IS NULL"))
                .isEqualTo(columns);
        database.run("ANALYZE " + SCHEMA + ".oauth_credentials");
        for (String renewable : new String[] {StateSql.RENEWABLE, "c.encrypted_refresh_token IS NOT NULL"}) {
            assertThat(database.all("EXPLAIN SELECT c.next_refresh_at FROM " + SCHEMA + ".oauth_credentials c"
                            + " WHERE c.provider = 'steady' AND c.status = 'active' AND " + renewable
                            + " AND c.next_refresh_at <= now() + interval '5 min' ORDER BY c.next_refresh_at LIMIT 1"))
                    .as(renewable)
                    .anyMatch(line -> line.contains("idx_oauth_credentials_renewable"));
        }
    }

    private FluentConfiguration flyway(String target) {
        return Flyway.configure()
                .dataSource(dataSource)
                .locations("classpath:db/migration")
                .schemas(SCHEMA)
                .target(target);
    }
}
