package io.nexus.oauth.store;

import io.nexus.oauth.credential.SealedClient;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.audit.AuditInsert;
import io.nexus.oauth.store.audit.AuditRow;
import io.nexus.oauth.store.connection.Database;
import io.nexus.oauth.store.execution.AsStorageException;
import io.nexus.oauth.store.execution.ColumnTexts;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.hibernate.reactive.mutiny.Mutiny;

/**
 * OAuth client registrations, one for each tenant and provider, with the keys that sign their assertions. Non-blocking; fails with {@code
 * StorageException}.
 */
@AsStorageException
@ApplicationScoped
public class ClientStore implements PanacheRepositoryBase<ClientRow, ClientRow.Key> {

    private static final String ALL = """
            SELECT c.tenant_id, c.provider, c.client_id, c.encrypted_client_secret, c.encrypted_second_secret, c.scopes,
              c.omitted_scopes, c.redirect_uri, c.vars, c.auth_method, c.auth_algorithm, c.auth_audience, c.key_set, c.created_at,
              c.updated_at, k.ids, k.jwks, k.secrets, k.brought, k.active_from, k.retires_at
            FROM oauth_clients c LEFT JOIN LATERAL (
              SELECT array_agg(key_id ORDER BY active_from, key_id) AS ids, array_agg(public_jwk ORDER BY active_from, key_id) AS jwks,
                array_agg(encrypted_key ORDER BY active_from, key_id) AS secrets,
                array_agg(brought ORDER BY active_from, key_id) AS brought,
                array_agg(active_from ORDER BY active_from, key_id) AS active_from,
                array_agg(retires_at ORDER BY active_from, key_id) AS retires_at
              FROM client_keys WHERE tenant_id = c.tenant_id AND provider = c.provider AND client_vars = c.vars) k ON true
            WHERE c.tenant_id = $1""";

    private static final String FIND = ALL + " AND c.provider = $2";

    private static final String PUBLIC_KEYS = """
            SELECT k.public_jwk FROM oauth_clients c LEFT JOIN client_keys k
              ON k.tenant_id = c.tenant_id AND k.provider = c.provider AND (k.retires_at IS NULL OR k.retires_at > $2)
            WHERE c.key_set = $1 ORDER BY k.active_from, k.key_id""";

    /** Only of the registration that was read: of two concurrent rotations one changes nothing. */
    private static final String ROTATE = """
            WITH client AS (
              UPDATE oauth_clients SET updated_at = $4 WHERE tenant_id = $1 AND provider = $2 AND updated_at = $3
              RETURNING tenant_id, provider, client_id, vars),
            gone AS (
              DELETE FROM client_keys k USING client c
              WHERE k.tenant_id = c.tenant_id AND k.provider = c.provider AND k.key_id IS DISTINCT FROM $5::uuid),
            retiring AS (
              UPDATE client_keys k SET retires_at = $6 FROM client c
              WHERE k.tenant_id = c.tenant_id AND k.provider = c.provider AND k.key_id = $5::uuid),
            added AS (
              INSERT INTO client_keys (key_id, tenant_id, provider, client_vars, public_jwk, encrypted_key, brought, active_from)
              SELECT $7::uuid, tenant_id, provider, vars, $8::text, $9::text, false, $10::timestamptz FROM client),
            logged AS (
              %s)
            SELECT client_id FROM client""".formatted(AuditInsert.of("'client_key_rotated'", "$11::text")
            .ofProvider()
            .subject("client_id")
            .detail("$7::uuid::text")
            .from("client"));

    private static final String DROP_KEYS = "DELETE FROM client_keys WHERE tenant_id = ?1 AND provider = ?2";

    private static final String ADD_KEY = """
            INSERT INTO client_keys (key_id, tenant_id, provider, client_vars, public_jwk, encrypted_key, brought, active_from, retires_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)""";

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
                .selectRows(ALL + " ORDER BY c.provider", Tuple.of(tenant.value()), ClientStore::read);
    }

    /** The public keys that are published as {@code keySet} at {@code now}, as JSON Web Keys; empty for an unknown set. */
    public Uni<Optional<List<String>>> publicKeys(UUID keySet, Instant now) {
        return database.selectRows(
                        PUBLIC_KEYS,
                        Tuple.of(keySet, ColumnTexts.ofInstant(now)),
                        row -> Optional.ofNullable(row.getString("public_jwk")))
                .map(rows -> rows.isEmpty()
                        ? Optional.empty()
                        : Optional.of(rows.stream().flatMap(Optional::stream).toList()));
    }

    /** Stores a registration for {@code actor}: inserts it, or replaces the stored one with its keys. */
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
                .invoke(row -> row.set(client))
                .call(row ->
                        Panache.getSession().chain(session -> session.flush().chain(() -> keep(session, client))))
                .map(row -> row.toClient(client.authentication().keys()));
    }

    /** The row is written first, so that its lock orders concurrent replacements. */
    private static Uni<Void> keep(Mutiny.Session session, SealedClient client) {
        return session.createNativeQuery(DROP_KEYS)
                .setParameter(1, client.tenant().value())
                .setParameter(2, client.provider())
                .executeUpdate()
                .chain(() -> Multi.createFrom()
                        .iterable(client.authentication().keys())
                        .onItem()
                        .transformToUniAndConcatenate(key -> session.createNativeQuery(ADD_KEY)
                                .setParameter(1, key.id())
                                .setParameter(2, client.tenant().value())
                                .setParameter(3, client.provider())
                                .setParameter(4, ColumnTexts.ofMap(client.vars()))
                                .setParameter(5, key.publicJwk())
                                .setParameter(6, key.secret().text())
                                .setParameter(7, key.brought())
                                .setParameter(8, ColumnTexts.ofInstant(key.activeFrom()))
                                .setParameter(9, ColumnTexts.ofInstant(key.retiresAt()))
                                .executeUpdate())
                        .collect()
                        .last())
                .replaceWithVoid();
    }

    /**
     * Adds {@code next}, a key of {@code client} as it was read, and lets {@code present} retire at {@code retiresAt}; all other keys are
     * deleted. Returns false, and changes nothing, when the registration has changed since.
     */
    public Uni<Boolean> rotate(
            SealedClient client, Optional<SealedClient.Key> present, SealedClient.Key next, Instant now, String actor) {
        Tuple values = Tuple.tuple()
                .addString(client.tenant().value())
                .addString(client.provider())
                .addOffsetDateTime(ColumnTexts.ofInstant(client.updatedAt()))
                .addOffsetDateTime(ColumnTexts.ofInstant(now))
                .addUUID(present.map(SealedClient.Key::id).orElse(null))
                .addOffsetDateTime(ColumnTexts.ofInstant(
                        present.map(SealedClient.Key::retiresAt).orElse(null)))
                .addUUID(next.id())
                .addString(next.publicJwk())
                .addString(next.secret().text())
                .addOffsetDateTime(ColumnTexts.ofInstant(next.activeFrom()))
                .addString(actor);
        return database.executeForRow(ROTATE, values, row -> true).map(Optional::isPresent);
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
        client.authMethod = row.getString("auth_method");
        client.authAlgorithm = row.getString("auth_algorithm");
        client.authAudience = row.getString("auth_audience");
        client.keySet = row.getUUID("key_set");
        client.createdAt = row.getOffsetDateTime("created_at").toInstant();
        client.updatedAt = row.getOffsetDateTime("updated_at").toInstant();
        return client.toClient(keys(row));
    }

    private static List<SealedClient.Key> keys(Row row) {
        UUID[] ids = row.getArrayOfUUIDs("ids");
        if (ids == null) {
            return List.of();
        }
        String[] jwks = row.getArrayOfStrings("jwks");
        String[] secrets = row.getArrayOfStrings("secrets");
        Boolean[] brought = row.getArrayOfBooleans("brought");
        OffsetDateTime[] active = row.getArrayOfOffsetDateTimes("active_from");
        OffsetDateTime[] retires = row.getArrayOfOffsetDateTimes("retires_at");
        List<SealedClient.Key> keys = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            keys.add(new SealedClient.Key(
                    ids[i],
                    jwks[i],
                    new SealedSecret(secrets[i]),
                    brought[i],
                    active[i].toInstant(),
                    ColumnTexts.instant(retires[i])));
        }
        return keys;
    }
}
