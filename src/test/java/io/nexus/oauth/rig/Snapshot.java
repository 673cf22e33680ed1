package io.nexus.oauth.rig;

import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.SealedTenantKey;
import io.nexus.oauth.credential.TenantId;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The content of the database at one instant, when a run was over.
 *
 * @param history the states of each credential in their order
 * @param tokens the stored refresh tokens of active credentials
 * @param audited how many lines of the audit trail tell of changes of each credential
 * @param waiting revocations that no provider has confirmed
 * @param tenantKeys the keys of each tenant
 * @param leftovers what is left of each ended tenant
 * @param sessions the connect sessions
 * @param readAt when it was read
 */
record Snapshot(
        Map<String, List<State>> history,
        List<StoredToken> tokens,
        Map<String, Integer> audited,
        List<String> waiting,
        Map<TenantId, List<SealedTenantKey>> tenantKeys,
        Map<String, Integer> leftovers,
        List<Session> sessions,
        long readAt) {

    private static final String HISTORY = """
            SELECT credential_id, (extract(epoch FROM at) * 1e6)::bigint, status, token_version, token_epoch, lease_epoch,
              coalesce((extract(epoch FROM least(expires_at, timestamptz '2100-01-01')) * 1e6)::bigint, 0)
            FROM rig_history ORDER BY id""";

    private static final String STORED = """
            SELECT credential_id, tenant_id, encrypted_refresh_token FROM oauth_credentials
            WHERE status = 'active' AND encrypted_refresh_token IS NOT NULL""";

    private static final String TRAIL = """
            SELECT credential_id, count(*) FROM audit_events WHERE operation IN ('token_refreshed', 'credential_created',
              'credential_updated', 'credential_revoked', 'reauthorization_required') GROUP BY 1""";

    private static final String OUTBOX = "SELECT credential_id, attempts FROM revocation_outbox";

    private static final String TENANT_KEYS =
            "SELECT tenant_id, key_id, encrypted_key FROM tenant_keys ORDER BY tenant_id, created_at, key_id";

    /** Rows of ended tenants that hold a secret, or that somebody would still work on. */
    private static final String LEFTOVERS = """
            SELECT s.tenant_id, (SELECT count(*) FROM oauth_credentials c WHERE c.tenant_id = s.tenant_id AND (c.status <> 'revoked'
                OR c.encrypted_access_token IS NOT NULL OR c.encrypted_refresh_token IS NOT NULL))
              + (SELECT count(*) FROM tenant_keys k WHERE k.tenant_id = s.tenant_id)
              + (SELECT count(*) FROM oauth_clients o WHERE o.tenant_id = s.tenant_id)
              + (SELECT count(*) FROM revocation_outbox r WHERE r.tenant_id = s.tenant_id)
            FROM shredded_tenants s""";

    private static final String SESSIONS = """
            SELECT session_id, (extract(epoch FROM created_at) * 1e6)::bigint, status, error FROM connect_sessions""";

    /** A connect session that was created {@code at}; {@code error} is empty when it did not fail. */
    record Session(String id, long at, String status, String error) {}

    /** A state that a credential had from {@code at} on; its access token works until {@code until}, 0 when that is not known. */
    record State(long at, String status, long version, long tokenEpoch, long leaseEpoch, long until) {}

    /** A stored refresh token, sealed. */
    record StoredToken(String credential, TenantId tenant, SealedSecret sealed) {}

    /** Each state that a row ever had, written by a trigger in the transaction that made it. */
    private static final String INSTALL = """
            CREATE TABLE rig_history (id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT clock_timestamp(),
              op text, credential_id uuid, status text, token_version bigint, token_epoch bigint, lease_epoch bigint,
              unresolved int, expires_at timestamptz, last_attempt uuid, lease_owner text);
            CREATE FUNCTION rig_remember() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
              INSERT INTO rig_history (op, credential_id, status, token_version, token_epoch, lease_epoch, unresolved,
                expires_at, last_attempt, lease_owner)
              VALUES (TG_OP, NEW.credential_id, NEW.status, NEW.token_version, NEW.token_epoch, NEW.lease_epoch,
                NEW.unresolved, NEW.expires_at, NEW.last_attempt, NEW.lease_owner);
              RETURN NULL; END $$;
            CREATE TRIGGER rig_remember AFTER INSERT OR UPDATE ON oauth_credentials
              FOR EACH ROW EXECUTE FUNCTION rig_remember();
            CREATE INDEX ON rig_history (credential_id, id);""";

    /** From now on the database remembers the states of credentials. */
    static void install(RigPostgres postgres) throws SQLException {
        postgres.execute(INSTALL);
    }

    static Snapshot of(RigPostgres postgres) throws SQLException {
        long readAt = Journal.micros();
        List<List<String[]>> tables =
                postgres.snapshot(List.of(HISTORY, STORED, TRAIL, OUTBOX, TENANT_KEYS, LEFTOVERS, SESSIONS));
        return new Snapshot(
                history(tables.get(0)),
                tables.get(1).stream()
                        .map(row -> new StoredToken(row[0], new TenantId(row[1]), new SealedSecret(row[2])))
                        .toList(),
                numbers(tables.get(2)),
                tables.get(3).stream()
                        .map(row ->
                                "credential %s waits for its revocation after %s attempts".formatted(row[0], row[1]))
                        .toList(),
                tenantKeys(tables.get(4)),
                numbers(tables.get(5)),
                tables.get(6).stream()
                        .map(row -> new Session(row[0], Long.parseLong(row[1]), row[2], row[3]))
                        .toList(),
                readAt);
    }

    private static Map<String, List<State>> history(List<String[]> rows) {
        Map<String, List<State>> history = new HashMap<>();
        for (String[] row : rows) {
            history.computeIfAbsent(row[0], id -> new ArrayList<>())
                    .add(new State(
                            Long.parseLong(row[1]),
                            row[2].intern(),
                            Long.parseLong(row[3]),
                            Long.parseLong(row[4]),
                            Long.parseLong(row[5]),
                            Long.parseLong(row[6])));
        }
        return history;
    }

    private static Map<String, Integer> numbers(List<String[]> rows) {
        Map<String, Integer> numbers = new HashMap<>();
        rows.forEach(row -> numbers.put(row[0], Integer.parseInt(row[1])));
        return numbers;
    }

    private static Map<TenantId, List<SealedTenantKey>> tenantKeys(List<String[]> rows) {
        Map<TenantId, List<SealedTenantKey>> all = new LinkedHashMap<>();
        for (String[] row : rows) {
            TenantId tenant = new TenantId(row[0]);
            all.computeIfAbsent(tenant, id -> new ArrayList<>())
                    .add(new SealedTenantKey(tenant, row[1], new SealedSecret(row[2])));
        }
        return all;
    }

    List<State> historyOf(String credential) {
        return history.getOrDefault(credential, List.of());
    }

    /** Until when the access token works that was stored all the time from a second before {@code from} to {@code to}; 0 when there was none. */
    long storedUntil(String credential, long from, long to) {
        List<State> states = historyOf(credential);
        int at = after(states, from - 1_000_000);
        long until = at == 0 ? 0 : good(states.get(at - 1));
        for (; at < states.size() && states.get(at).at() <= to; at++) {
            until = Math.min(until, good(states.get(at)));
        }
        return until;
    }

    private static long good(State state) {
        return state.status().equals("revoked") ? 0 : state.until();
    }

    /** The index of the first state after {@code t}. */
    private static int after(List<State> states, long t) {
        int low = 0;
        int high = states.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (states.get(middle).at() <= t) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
