package io.nexus.oauth.store.audit;

import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.event.ChainCheckpoint;
import io.nexus.oauth.event.ChainEntry;
import io.nexus.oauth.event.ChainLink;
import io.nexus.oauth.event.ChainedEvent;
import io.nexus.oauth.store.connection.Database;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The chain of seals over the audit trail. It never blocks a change: events are written without a seal. The service
 * seals them once no open transaction can write an event with a lower number. Non-blocking; fails with {@link
 * StorageException} when the database cannot be used.
 */
@ApplicationScoped
public class ChainStore {

    private static final String HEAD = "SELECT seq, event_id, key_id, mac FROM audit_chain ORDER BY seq DESC LIMIT 1";

    private static final String ENTRY = "SELECT seq, event_id, key_id, mac FROM audit_chain WHERE seq = $1::bigint";

    private static final String STATE = """
            SELECT COALESCE((SELECT max(event_id) FROM audit_events), 0) AS last, h.seq, h.event_id, h.key_id, h.mac,
              (SELECT mac FROM audit_chain WHERE seq = $1::bigint) AS mac_at,
              s.seq AS start_seq, s.event_id AS start_event, s.chain_mac AS start_chain_mac, s.key_id AS start_key,
              s.mac AS start_mac
            FROM (SELECT 1) one LEFT JOIN (%s) h ON true
            LEFT JOIN (SELECT * FROM audit_checkpoints ORDER BY seq DESC LIMIT 1) s ON true""".formatted(HEAD);

    /** Takes a transaction id of its own: every transaction that wrote an event up to here has a lower id. */
    private static final String MARK = """
            SELECT COALESCE((SELECT max(event_id) FROM audit_events), 0) AS last, pg_current_xact_id()::text::bigint AS xid""";

    private static final String TRANSACTIONS_ENDED =
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint > $1::bigint AS ended";

    private static final String UNSEALED = "SELECT " + AuditStore.COLUMNS
            + " FROM audit_events e WHERE e.event_id > $1::bigint AND e.event_id <= $2::bigint"
            + " ORDER BY e.event_id LIMIT $3::int";

    /** When two replicas append to the same head, one finds the head moved or violates the primary key. */
    private static final String APPEND = """
            WITH added AS (
              INSERT INTO audit_chain (seq, event_id, key_id, mac)
              SELECT * FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[])
              WHERE COALESCE((SELECT max(seq) FROM audit_chain), 0) = $1::bigint RETURNING seq, key_id),
            noted AS (
              INSERT INTO audit_chain_keys AS k (key_id, last_seq) SELECT key_id, max(seq) FROM added GROUP BY key_id
              ON CONFLICT (key_id) DO UPDATE SET last_seq = GREATEST(k.last_seq, EXCLUDED.last_seq))
            SELECT count(*) AS added FROM added""";

    private static final String PAGE = """
            SELECT c.seq, c.chained_id, c.key_id, c.mac, %s
            FROM (SELECT seq, event_id AS chained_id, key_id, mac FROM audit_chain
                  WHERE seq > $1::bigint ORDER BY seq LIMIT $2::int) c
            LEFT JOIN audit_events e ON e.event_id = c.chained_id ORDER BY c.seq""".formatted(AuditStore.COLUMNS);

    private static final String INSERTED = """
            SELECT e.event_id FROM audit_events e WHERE e.event_id > $1::bigint AND e.event_id <= $2::bigint
              AND NOT EXISTS (SELECT FROM audit_chain c WHERE c.event_id = e.event_id)
            ORDER BY e.event_id LIMIT 1""";

    private static final String CHECKPOINT =
            "SELECT seq, event_id, chain_mac, key_id, mac FROM audit_checkpoints ORDER BY seq DESC LIMIT 1";

    private static final String PURGE = """
            WITH made AS (
              INSERT INTO audit_checkpoints (seq, event_id, chain_mac, key_id, mac)
              VALUES ($1::bigint, $2::bigint, $3::text, $4::text, $5::text) RETURNING seq),
            before AS (DELETE FROM audit_checkpoints WHERE seq < (SELECT seq FROM made)),
            forgotten AS (DELETE FROM audit_chain_keys WHERE last_seq <= (SELECT seq FROM made)),
            gone AS (DELETE FROM audit_chain WHERE seq <= (SELECT seq FROM made) RETURNING event_id)
            DELETE FROM audit_events e USING gone WHERE e.event_id = gone.event_id""";

    /**
     * Fingerprints start with the id of their key and are ordered in the index, so the query skips from key to key.
     * That works in every collation, because ids are hex digits.
     */
    private static final String KEYS = """
            WITH RECURSIVE printed AS (
              (SELECT token_fingerprint AS print FROM audit_events WHERE token_fingerprint IS NOT NULL
               ORDER BY token_fingerprint LIMIT 1)
              UNION
              SELECT (SELECT e.token_fingerprint FROM audit_events e
                      WHERE e.token_fingerprint > GREATEST(p.print, left(p.print, 8) || '.g')
                      ORDER BY e.token_fingerprint LIMIT 1)
              FROM printed p WHERE p.print IS NOT NULL)
            SELECT 'chain' AS part, key_id FROM audit_chain_keys
            WHERE last_seq > COALESCE((SELECT max(seq) FROM audit_checkpoints), 0)
            UNION SELECT 'chain', key_id FROM audit_checkpoints
            UNION SELECT 'fingerprints', left(print, 8) FROM printed WHERE print ~ '^[0-9a-f]{8}\\.'""";

    private final Database database;

    ChainStore(Database database) {
        this.database = database;
    }

    /** The progress of trail and chain, and the seal at sequence number {@code known}. */
    public Uni<State> state(long known) {
        return database.selectRow(STATE, Tuple.of(known), ChainStore::state).map(Optional::orElseThrow);
    }

    /** The last event, with a transaction id that is higher than those of all events up to it. */
    public Uni<Mark> mark() {
        return database.executeForRow(MARK, Tuple.tuple(), row -> new Mark(row.getLong("last"), row.getLong("xid")))
                .map(Optional::orElseThrow);
    }

    /** Whether every transaction from before {@code mark} has ended. */
    public Uni<Boolean> haveTransactionsEnded(Mark mark) {
        return database.selectRow(TRANSACTIONS_ENDED, Tuple.of(mark.transaction()), row -> row.getBoolean("ended"))
                .map(Optional::orElseThrow);
    }

    /** Up to {@code limit} events with numbers above {@code after} and up to {@code last}. */
    public Uni<List<ChainedEvent>> unsealed(long after, long last, int limit) {
        return database.selectRows(UNSEALED, Tuple.of(after, last, limit), ChainStore::event);
    }

    /**
     * Appends {@code entries} after the entry at {@code head}. Returns false when that is no longer the last entry;
     * then nothing changes.
     */
    public Uni<Boolean> append(long head, List<ChainEntry> entries) {
        Tuple values = Tuple.tuple()
                .addLong(head)
                .addArrayOfLong(entries.stream().map(ChainEntry::seq).toArray(Long[]::new))
                .addArrayOfLong(entries.stream().map(ChainEntry::eventId).toArray(Long[]::new))
                .addArrayOfString(entries.stream().map(ChainEntry::keyId).toArray(String[]::new))
                .addArrayOfString(entries.stream().map(ChainEntry::mac).toArray(String[]::new));
        return database.executeForRow(APPEND, values, row -> row.getLong("added"))
                .map(added -> added.orElse(0L) > 0)
                .onFailure(failure -> failure instanceof StorageException e && e.isRefusal())
                .recoverWithItem(false);
    }

    /** The last entry; empty when there is none. */
    public Uni<Optional<ChainEntry>> head() {
        return database.selectRow(HEAD, Tuple.tuple(), ChainStore::entry);
    }

    /** The entry at {@code seq}; empty when there is none. */
    public Uni<Optional<ChainEntry>> entry(long seq) {
        return database.selectRow(ENTRY, Tuple.of(seq), ChainStore::entry);
    }

    /** Up to {@code limit} entries after {@code after}, each with its event. */
    public Uni<List<ChainLink>> page(long after, int limit) {
        return database.selectRows(PAGE, Tuple.of(after, limit), ChainStore::link);
    }

    /** The first event above {@code from} and up to {@code to} that no entry seals; empty when there is none. */
    public Uni<Optional<Long>> inserted(long from, long to) {
        return database.selectRow(INSERTED, Tuple.of(from, to), row -> row.getLong("event_id"));
    }

    /** The start of the chain; empty when no event was ever deleted. */
    public Uni<Optional<ChainCheckpoint>> checkpoint() {
        return database.selectRow(
                CHECKPOINT,
                Tuple.tuple(),
                row -> new ChainCheckpoint(
                        row.getLong("seq"),
                        row.getLong("event_id"),
                        row.getString("chain_mac"),
                        row.getString("key_id"),
                        row.getString("mac")));
    }

    /**
     * Deletes the entries up to {@code start} with their events, and stores {@code start} as the start of the chain.
     */
    public Uni<Void> purge(ChainCheckpoint start) {
        Tuple values = Tuple.tuple()
                .addLong(start.seq())
                .addLong(start.eventId())
                .addString(start.chainMac())
                .addString(start.keyId())
                .addString(start.mac());
        return database.executeUpdate(PURGE, values).replaceWithVoid();
    }

    /**
     * The ids of the master keys that the trail needs: {@code chain} to verify it, {@code fingerprints} to find the
     * callers that received a token. Costs a few index steps per key, however long the trail is.
     */
    public Uni<Map<String, Set<String>>> keys() {
        return database.selectRows(
                        KEYS, Tuple.tuple(), row -> Map.entry(row.getString("part"), row.getString("key_id")))
                .map(found -> found.stream()
                        .collect(Collectors.groupingBy(
                                Map.Entry::getKey, Collectors.mapping(Map.Entry::getValue, Collectors.toSet()))));
    }

    private static State state(Row row) {
        ChainEntry head = row.getLong("seq") == null ? ChainEntry.GENESIS : entry(row);
        ChainCheckpoint start = row.getLong("start_seq") == null
                ? null
                : new ChainCheckpoint(
                        row.getLong("start_seq"),
                        row.getLong("start_event"),
                        row.getString("start_chain_mac"),
                        row.getString("start_key"),
                        row.getString("start_mac"));
        return new State(row.getLong("last"), head, row.getString("mac_at"), start);
    }

    private static ChainEntry entry(Row row) {
        return new ChainEntry(
                row.getLong("seq"), row.getLong("event_id"), row.getString("key_id"), row.getString("mac"));
    }

    private static ChainLink link(Row row) {
        ChainEntry entry = new ChainEntry(
                row.getLong("seq"), row.getLong("chained_id"), row.getString("key_id"), row.getString("mac"));
        return new ChainLink(entry, row.getLong("event_id") == null ? null : event(row));
    }

    /** The seal covers the columns as text, because a manipulated row may hold any value. */
    private static ChainedEvent event(Row row) {
        OffsetDateTime at = row.getOffsetDateTime("happened_at");
        StringBuilder text = new StringBuilder(256);
        add(text, row.getLong("event_id"));
        add(text, at.toInstant());
        for (String column : List.of("tenant_id", "operation", "credential_id", "provider", "user_email", "actor")) {
            add(text, row.getValue(column));
        }
        for (String column : List.of("detail", "subject", "source", "token_version", "times", "token_fingerprint")) {
            add(text, row.getValue(column));
        }
        return new ChainedEvent(row.getLong("event_id"), at.toInstant(), text.toString());
    }

    private static void add(StringBuilder text, @Nullable Object value) {
        if (value == null) {
            text.append('-');
        } else {
            String part = value.toString();
            text.append(part.length()).append(':').append(part);
        }
    }

    /**
     * The progress of trail and chain.
     * @param last the number of the last event
     * @param head the last entry
     * @param macAtKnown the seal at the requested sequence number, or null when there is no entry
     * @param start the start of the chain, or null when no event was ever deleted
     */
    public record State(
            long last,
            ChainEntry head,
            @Nullable String macAtKnown,
            @Nullable ChainCheckpoint start) {}

    /**
     * An event, and a transaction that began after it was written.
     *
     * @param last the number of the last event
     * @param transaction the transaction's id
     */
    public record Mark(long last, long transaction) {}
}
