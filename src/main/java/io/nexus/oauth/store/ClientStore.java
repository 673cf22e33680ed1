package io.nexus.oauth.store;

import io.nexus.oauth.credential.SealedClient;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.audit.AuditRow;
import io.nexus.oauth.store.connection.Database;
import io.nexus.oauth.store.execution.AsStorageException;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/** OAuth client registrations, one for each tenant and provider. Non-blocking; fails with {@code StorageException}. */
@AsStorageException
@ApplicationScoped
public class ClientStore implements PanacheRepositoryBase<ClientRow, ClientRow.Key> {

    private static final String ALL = """
            SELECT tenant_id, provider, client_id, encrypted_client_secret, encrypted_second_secret, scopes, omitted_scopes,
              redirect_uri, vars, created_at, updated_at
            FROM oauth_clients WHERE tenant_id = $1""";

    private static final String FIND = ALL + " AND provider = $2";

    private final Database database;

    ClientStore(Database database) {
        this.database = database;
    }

    /**
     * The registration; empty when there is none. A single statement, because concurrent refreshes look it up and a
     * session allows no concurrency.
     */
    public Uni<Optional<SealedClient>> find(TenantId tenant, String provider) {
        return database.within(tenant).selectRow(FIND, Tuple.of(tenant.value(), provider), ClientStore::read);
    }

    /** The tenant's registrations, ordered by provider. */
    public Uni<List<SealedClient>> all(TenantId tenant) {
        return database.within(tenant)
                .selectRows(ALL + " ORDER BY provider", Tuple.of(tenant.value()), ClientStore::read);
    }

    /** Stores a registration for {@code actor}: inserts it, or replaces the stored one. */
    @WithTransaction
    public Uni<SealedClient> save(SealedClient client, String actor) {
        return findById(new ClientRow.Key(client.tenant(), client.provider()))
                .call(present -> log(
                        present == null ? "client_registered" : "client_changed",
                        client.tenant(),
                        client.provider(),
                        actor,
                        client.clientId()))
                .onItem()
                .ifNull()
                .switchTo(() -> persist(blank(client)))
                .map(row -> {
                    row.set(client);
                    return row.toClient();
                });
    }

    /** Deletes a registration for {@code actor}. Returns false when there was none. */
    @WithTransaction
    public Uni<Boolean> remove(TenantId tenant, String provider, String actor) {
        ClientRow.Key key = new ClientRow.Key(tenant, provider);
        return findById(key)
                .chain(present -> present == null
                        ? Uni.createFrom().item(false)
                        : deleteById(key)
                                .call(gone -> log("client_deleted", tenant, provider, actor, present.clientId)));
    }

    private static Uni<Void> log(String operation, TenantId tenant, String provider, String actor, String clientId) {
        return AuditRow.of(operation, tenant, actor, clientId)
                .ofProvider(provider)
                .persist();
    }

    private static ClientRow blank(SealedClient client) {
        ClientRow row = new ClientRow();
        row.tenant = client.tenant().value();
        row.provider = client.provider();
        row.createdAt = client.createdAt();
        row.set(client);
        return row;
    }

    private static SealedClient read(Row row) {
        ClientRow client = new ClientRow();
        client.tenant = row.getString("tenant_id");
        client.provider = row.getString("provider");
        client.clientId = row.getString("client_id");
        client.clientSecret = row.getString("encrypted_client_secret");
        client.secondSecret = row.getString("encrypted_second_secret");
        client.scopes = row.getString("scopes");
        client.omittedScopes = row.getString("omitted_scopes");
        client.redirectUri = row.getString("redirect_uri");
        client.vars = row.getString("vars");
        client.createdAt = row.getOffsetDateTime("created_at").toInstant();
        client.updatedAt = row.getOffsetDateTime("updated_at").toInstant();
        return client.toClient();
    }
}
