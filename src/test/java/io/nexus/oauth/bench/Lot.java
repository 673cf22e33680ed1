package io.nexus.oauth.bench;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.SecretSealer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.IntToLongFunction;

/** Credentials that are stored together, each with the first tokens of a grant of its own. */
final class Lot {

    private static final TenantId TENANT = new TenantId("default");

    /** To whom the credential of an index belongs, and at which provider it is. */
    interface Owners {
        TenantId tenant(int index);

        String provider(int index);
    }

    private static final Owners ONE = new Owners() {
        @Override
        public TenantId tenant(int index) {
            return TENANT;
        }

        @Override
        public String provider(int index) {
            return BenchService.PROVIDER;
        }
    };

    private static final String INSERT = """
            INSERT INTO oauth_credentials (credential_id, tenant_id, provider, user_email, encrypted_access_token,
              encrypted_refresh_token, client_id, expires_at, issued_at, next_refresh_at, quarantine_ms)
            SELECT id, tenant, provider, email, access, refresh, '%s', now() + expires * interval '1 millisecond',
              now() + expires * interval '1 millisecond' - interval '1 hour',
              now() + due * interval '1 millisecond', 120000
            FROM unnest(?::uuid[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::bigint[], ?::text[], ?::text[])
              AS lot (id, email, access, refresh, expires, due, tenant, provider)""".formatted(BenchService.CLIENT);

    private final String name;
    private final BenchService service;
    private final SecretSealer sealer;
    private final List<UUID> ids = new ArrayList<>();
    private final Owners owners;

    Lot(String name, int size, BenchService service) {
        this(name, size, service, ONE);
    }

    Lot(String name, int size, BenchService service, Owners owners) {
        this.owners = owners;
        this.name = name;
        this.service = service;
        this.sealer = service.sealer();
        Random random = new Random(name.hashCode());
        for (int i = 0; i < size; i++) {
            ids.add(new UUID(random.nextLong(), random.nextLong()));
        }
    }

    int size() {
        return ids.size();
    }

    UUID id(int index) {
        return ids.get(index);
    }

    /**
     * Stores it, in no order, and lets the planner know in the same transaction.
     *
     * @param expires in how many milliseconds the token of an index ends
     * @param due in how many it is to be refreshed
     */
    void store(Connection connection, IntToLongFunction expires, IntToLongFunction due) throws SQLException {
        List<Integer> indices = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            indices.add(i);
        }
        Collections.shuffle(indices, new Random(7));
        connection.setAutoCommit(false);
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            array(connection, insert, 1, "uuid", indices.stream().map(ids::get).toArray());
            array(
                    connection,
                    insert,
                    2,
                    "text",
                    indices.stream().map(i -> name + "-" + i).toArray());
            array(
                    connection,
                    insert,
                    3,
                    "text",
                    indices.stream()
                            .map(i -> sealed(
                                    i, StoredCredential.ACCESS_TOKEN, "at." + i + "." + RotatingProvider.PADDING))
                            .toArray());
            array(
                    connection,
                    insert,
                    4,
                    "text",
                    indices.stream()
                            .map(i -> sealed(
                                    i, StoredCredential.REFRESH_TOKEN, RotatingProvider.refreshToken(name, i, 1)))
                            .toArray());
            array(
                    connection,
                    insert,
                    5,
                    "bigint",
                    indices.stream().map(expires::applyAsLong).toArray());
            array(
                    connection,
                    insert,
                    6,
                    "bigint",
                    indices.stream().map(due::applyAsLong).toArray());
            array(
                    connection,
                    insert,
                    7,
                    "text",
                    indices.stream().map(i -> owners.tenant(i).value()).toArray());
            array(
                    connection,
                    insert,
                    8,
                    "text",
                    indices.stream().map(owners::provider).toArray());
            insert.executeUpdate();
        }
        BenchPostgres.run(connection, "ANALYZE oauth_credentials");
        connection.commit();
        connection.setAutoCommit(true);
    }

    private static void array(Connection connection, PreparedStatement to, int at, String type, Object[] values)
            throws SQLException {
        to.setArray(at, connection.createArrayOf(type, values));
    }

    private String sealed(int index, String field, String token) {
        return sealer.seal(
                        Secret.of(token),
                        StoredCredential.place(
                                new CredentialKey(owners.tenant(index), ids.get(index)), Map.of(), field))
                .text();
    }

    /** By the index: where millions are stored, nothing else may read them all. */
    private String mine() {
        return "tenant_id = 'default' AND provider = '" + BenchService.PROVIDER + "' AND user_email LIKE '" + name
                + "-%'";
    }

    /** How many are refreshed. */
    long refreshed(Connection connection) throws SQLException {
        return BenchPostgres.number(
                connection, "SELECT count(*) FROM oauth_credentials WHERE token_version = 2 AND " + mine());
    }

    /** Waits until all are. */
    void awaitRefreshed(Connection connection, long seconds) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (refreshed(connection) < size()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException(
                        "only " + refreshed(connection) + " were refreshed; of the others: " + states(connection));
            }
            TimeUnit.MILLISECONDS.sleep(500);
        }
    }

    private List<String> states(Connection connection) throws SQLException {
        return BenchPostgres.rows(
                connection,
                "SELECT format('%s x %s, claimed %s times, unresolved %s, leased %s, due %s, %s', count(*), status, lease_epoch,"
                        + " unresolved, lease_until > clock_timestamp(), next_refresh_at <= clock_timestamp(), last_error)"
                        + " FROM oauth_credentials WHERE token_version = 1 AND " + mine()
                        + " GROUP BY status, lease_epoch, unresolved, lease_until > clock_timestamp(),"
                        + " next_refresh_at <= clock_timestamp(), last_error");
    }

    /** When the last was refreshed, in milliseconds of the epoch. */
    long lastMillis(Connection connection) throws SQLException {
        return BenchPostgres.number(
                connection,
                "SELECT (EXTRACT(EPOCH FROM max(last_refreshed_at)) * 1000)::bigint FROM oauth_credentials" + " WHERE "
                        + mine());
    }

    /** Throws unless each was refreshed once, its audit row is there, and what is stored is what the provider gave last. */
    void check(Connection connection) throws SQLException {
        SecretSealer opener = service.opener(TENANT, connection);
        long audited = BenchPostgres.number(
                connection,
                "SELECT count(*) FROM audit_events WHERE operation = 'token_refreshed' AND user_email LIKE '" + name
                        + "-%'");
        if (refreshed(connection) != size() || audited != size()) {
            throw new IllegalStateException(refreshed(connection) + " of " + size() + " are refreshed once, " + audited
                    + " are in the audit trail");
        }
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT encrypted_refresh_token FROM oauth_credentials WHERE credential_id = ?")) {
            for (int i = 0; i < size(); i++) {
                select.setObject(1, ids.get(i));
                try (ResultSet row = select.executeQuery()) {
                    row.next();
                    String stored = opener.unseal(
                                    new SealedSecret(row.getString(1)),
                                    StoredCredential.place(
                                            new CredentialKey(TENANT, ids.get(i)),
                                            Map.of(),
                                            StoredCredential.REFRESH_TOKEN))
                            .reveal();
                    if (!stored.equals(RotatingProvider.refreshToken(name, i, 2))) {
                        throw new IllegalStateException("another refresh token is stored than the provider gave last");
                    }
                }
            }
        }
    }
}
