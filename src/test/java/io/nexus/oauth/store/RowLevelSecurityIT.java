package io.nexus.oauth.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agroal.api.AgroalDataSource;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.store.connection.Database;
import io.nexus.oauth.store.connection.TestPools;
import io.nexus.oauth.store.execution.StatementExecutor;
import io.nexus.oauth.testing.RowLevelSecurity;
import io.nexus.oauth.testing.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Statements that forgot their tenant, or name another one, find nothing. */
@QuarkusTest
@TestProfile(RowLevelSecurity.class)
class RowLevelSecurityIT {

    private static final List<String> TABLES = List.of(
            "oauth_credentials",
            "oauth_clients",
            "client_keys",
            "connect_sessions",
            "api_keys",
            "audit_events",
            "revocation_outbox",
            "tenant_counts");

    @Inject
    AgroalDataSource dataSource;

    @Inject
    Database database;

    @Inject
    TestPools pools;

    @Inject
    Vertx vertx;

    private TestDatabase behind;
    private List<TenantId> tenants;

    /** Two tenants with a row in each table. */
    @BeforeEach
    void fill() {
        behind = RowLevelSecurity.enabled(dataSource);
        tenants = List.of(filled(), filled());
    }

    /** The tenant's role cannot read the tables that are not in the list: keys, and what only the service itself writes. */
    @Test
    void everyTableWithATenantHasAPolicyOrIsOutOfReach() {
        List<String> reachable = behind.all(
                "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'"
                        + " WHERE c.relkind = 'r' AND NOT a.attisdropped AND has_table_privilege('"
                        + RowLevelSecurity.ROLE + "', c.oid, 'SELECT')");
        List<String> limited = behind.all("SELECT DISTINCT tablename FROM pg_policies WHERE policyname = 'own_tenant'");

        assertThat(reachable).containsExactlyInAnyOrderElementsOf(TABLES);
        assertThat(limited).containsAll(reachable);
    }

    @Test
    void aStatementWithoutAConditionSeesOneTenant() {
        for (TenantId tenant : tenants) {
            for (String table : TABLES) {
                assertThat(Set.copyOf(seen(database.within(tenant), table, "tenant_id")))
                        .as(table)
                        .containsExactly(tenant.value());
            }
            assertThat(seen(database.within(tenant), "credential_usage", "day::text"))
                    .hasSize(1);
        }
    }

    @Test
    void aStatementForNobodySeesNothing() {
        StatementExecutor nobody = new StatementExecutor(vertx, pools.as(RowLevelSecurity.ROLE, 1));
        StatementExecutor another = database.within(new TenantId("nobody"));
        try {
            for (String table : TABLES) {
                assertThat(seen(nobody, table, "tenant_id")).as(table).isEmpty();
                assertThat(seen(another, table, "tenant_id")).as(table).isEmpty();
            }
            assertThat(seen(nobody, "credential_usage", "day::text")).isEmpty();
            assertThat(seen(another, "credential_usage", "day::text")).isEmpty();
        } finally {
            nobody.close();
        }
    }

    @Test
    void aStatementThatNamesAnotherTenantSeesNothing() {
        StatementExecutor one = database.within(tenants.getFirst());
        Tuple other = Tuple.of(tenants.getLast().value());
        for (String table : TABLES) {
            assertThat(await(one.selectRows("SELECT 1 FROM " + table + " WHERE tenant_id = $1", other, row -> 1)))
                    .as(table)
                    .isEmpty();
        }
    }

    @Test
    void anotherTenantsRowsCannotBeChangedOrMade() {
        StatementExecutor one = database.within(tenants.getFirst());
        Tuple other = Tuple.of(tenants.getLast().value());

        assertThat(await(one.executeUpdate("UPDATE oauth_credentials SET failures = 9 WHERE tenant_id = $1", other)))
                .isZero();
        for (String sql : List.of(
                "UPDATE oauth_credentials SET tenant_id = $1",
                "INSERT INTO audit_events (tenant_id, operation, actor) VALUES ($1, 'forged', 'nobody')")) {
            assertThatThrownBy(() -> await(one.executeUpdate(sql, other)))
                    .isInstanceOf(StorageException.class)
                    .hasStackTraceContaining("row-level security policy");
        }
        for (String sql : List.of(
                "DELETE FROM oauth_credentials WHERE tenant_id <> $1",
                "DELETE FROM audit_events WHERE tenant_id <> $1",
                "UPDATE api_keys SET roles = 'admin' WHERE tenant_id <> $1",
                "SELECT 1 FROM key_rotation WHERE tenant_id <> $1")) {
            assertThatThrownBy(() -> await(one.executeUpdate(sql, other)))
                    .isInstanceOf(StorageException.class)
                    .hasStackTraceContaining("permission denied");
        }
    }

    /** Eight connections take turns. */
    @Test
    void aConnectionForgetsTheTenantBefore() {
        List<CompletableFuture<List<String>>> answers = new ArrayList<>();
        List<TenantId> expected = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            TenantId tenant = tenants.get(i % 2);
            expected.add(tenant);
            answers.add(database.within(tenant)
                    .selectRows(
                            "SELECT tenant_id FROM oauth_credentials", Tuple.tuple(), row -> row.getString("tenant_id"))
                    .subscribeAsCompletionStage());
        }

        IntStream.range(0, 100)
                .forEach(i -> assertThat(answers.get(i).join())
                        .containsExactly(expected.get(i).value()));
    }

    @Test
    void questionsOfTwoTenantsShareNoAnswer() {
        String sql = "SELECT tenant_id FROM oauth_credentials";
        var first = database.within(tenants.getFirst())
                .selectSharedRow(sql, Tuple.tuple(), row -> row.getString("tenant_id"))
                .subscribeAsCompletionStage();
        var second = database.within(tenants.getLast())
                .selectSharedRow(sql, Tuple.tuple(), row -> row.getString("tenant_id"))
                .subscribeAsCompletionStage();

        assertThat(first.join()).contains(tenants.getFirst().value());
        assertThat(second.join()).contains(tenants.getLast().value());
    }

    private TenantId filled() {
        String name = Api.unique("tenant");
        String key = Api.key(name, Api.ALL_ROLES);
        String id = Api.imported(key, Api.grant());
        Api.as(key)
                .body(Map.of("client_id", "mine", "token_endpoint_auth_method", "private_key_jwt"))
                .put("/api/v1/clients/zoom")
                .then()
                .statusCode(200);
        Api.session(key, Map.of("credential_id", id)).then().statusCode(201);
        behind.run("INSERT INTO credential_usage VALUES ('" + id + "', '2026-01-01', 7)");
        behind.run(
                "INSERT INTO revocation_outbox (credential_id, tenant_id, provider, user_email, encrypted_access_token,"
                        + " token_type, next_attempt_at) VALUES ('" + id + "', '" + name
                        + "', 'sandbox', 'x', 'x', 'Bearer',"
                        + " 'infinity')");
        return new TenantId(name);
    }

    private static List<String> seen(StatementExecutor executor, String table, String column) {
        return await(executor.selectRows(
                "SELECT " + column + " AS seen FROM " + table, Tuple.tuple(), row -> row.getString("seen")));
    }

    private static <T> T await(Uni<T> work) {
        return work.await().atMost(Duration.ofSeconds(20));
    }
}
