package io.nexus.oauth.store.keys;

import io.nexus.oauth.store.connection.ChangeFeed;
import io.nexus.oauth.store.connection.Database;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Stores the master keys that each replica announces. Non-blocking; fails with {@code StorageException}. */
@ApplicationScoped
public class ReplicaStore {

    /**
     * Announces the keys of this replica and the copy of the database into which it has replayed its journal, and deletes
     * replicas that have been silent for a minute. With its own journal it has replayed those of ended processes in the
     * same directory, and says so in their rows. Nothing is deleted while the copy is young or not known, because after a
     * failover the silent ones are waited for. A replica whose
     * journal may hold responses stays for a week, unless this replica has taken its journal over. Locked rows are
     * skipped, because two returning replicas could otherwise deadlock. A replica that was deleted during an outage
     * returns with its old joining time.
     */
    private static final String ANNOUNCE = """
            WITH mine AS (
              INSERT INTO replicas AS r
                (replica_id, key_ids, sealing_id, journal_key_ids, journal_place, joined_at, replayed_copy)
              VALUES ($1::text, $2::text[], $3::text, $4::text[], $5::text, COALESCE($7::timestamptz, clock_timestamp()), $8::uuid)
              ON CONFLICT (replica_id) DO UPDATE SET key_ids = EXCLUDED.key_ids, sealing_id = EXCLUDED.sealing_id,
                sealing_since = CASE WHEN r.sealing_id = EXCLUDED.sealing_id THEN r.sealing_since ELSE clock_timestamp() END,
                journal_key_ids = EXCLUDED.journal_key_ids, journal_place = EXCLUDED.journal_place,
                replayed_copy = EXCLUDED.replayed_copy, seen_at = clock_timestamp()
              RETURNING joined_at),
            young AS (
              SELECT copy_id FROM database_copies WHERE first_seen_at > clock_timestamp() - interval '3 minutes'),
            inherited AS (
              UPDATE replicas SET replayed_copy = $8::uuid WHERE replica_id IN (
                SELECT replica_id FROM replicas WHERE replica_id <> $1::text AND $9::boolean AND journal_place = $5::text
                  AND joined_at < (SELECT joined_at FROM mine) AND $8::uuid IN (SELECT copy_id FROM young)
                FOR UPDATE SKIP LOCKED))
            DELETE FROM replicas WHERE replica_id IN (
              SELECT replica_id FROM replicas WHERE replica_id <> $1::text
                AND $10::boolean AND NOT EXISTS (SELECT FROM young)
                AND seen_at < clock_timestamp() - interval '60 seconds'
                AND (journal_key_ids = '{}' OR seen_at < clock_timestamp() - interval '7 days'
                  OR ($6::boolean AND journal_place = $5::text))
              FOR UPDATE SKIP LOCKED)""";

    private static final String ALL = """
            SELECT replica_id, key_ids, sealing_id, journal_key_ids, joined_at,
              (extract(epoch FROM clock_timestamp() - sealing_since) * 1000)::bigint AS sealing_ms,
              seen_at >= clock_timestamp() - interval '60 seconds' AS live
            FROM replicas ORDER BY joined_at, replica_id""";

    private static final String LEAVE = """
            UPDATE replicas SET journal_key_ids = $2::text[], has_left = true, seen_at = clock_timestamp() - interval '1 hour'
            WHERE replica_id = $1::text""";

    private final Database database;

    ReplicaStore(Database database) {
        this.database = database;
    }

    /**
     * Announces the keys of {@code mine}.
     *
     * @param joinedAt when it joined, as in {@link #all}; null the first time
     * @param place the unique name of this replica's journal directory
     * @param complete whether this replica has taken over everything that ended processes left there
     * @param replay the last replay of its journal; null before the first
     * @param knowsCopy whether this replica knows the present copy of the database
     */
    public Uni<Void> announce(
            Holding mine,
            @Nullable Instant joinedAt,
            String place,
            boolean complete,
            ChangeFeed.@Nullable Replay replay,
            boolean knowsCopy) {
        Tuple values = Tuple.tuple()
                .addString(mine.id())
                .addArrayOfString(mine.keyIds().toArray(String[]::new))
                .addString(mine.sealingId())
                .addArrayOfString(mine.journalKeyIds().toArray(String[]::new))
                .addString(place)
                .addBoolean(complete)
                .addOffsetDateTime(joinedAt == null ? null : joinedAt.atOffset(ZoneOffset.UTC))
                .addUUID(replay == null ? null : replay.copy())
                .addBoolean(replay != null && replay.alone())
                .addBoolean(knowsCopy);
        return database.executeUpdate(ANNOUNCE, values).replaceWithVoid();
    }

    /** The last announcements of all replicas, in the order in which they joined. */
    public Uni<List<Replica>> all() {
        return database.selectRows(ALL, Tuple.tuple(), ReplicaStore::read);
    }

    /** Marks the replica as stopped, so that no other replica waits for it. The keys of its journal stay known. */
    public Uni<Void> leave(String id, Set<String> journalKeyIds) {
        Tuple values = Tuple.tuple().addString(id).addArrayOfString(journalKeyIds.toArray(String[]::new));
        return database.executeUpdate(LEAVE, values).replaceWithVoid();
    }

    private static Replica read(Row row) {
        return new Replica(
                new Holding(
                        row.getString("replica_id"),
                        Set.of(row.getArrayOfStrings("key_ids")),
                        row.getString("sealing_id"),
                        Set.of(row.getArrayOfStrings("journal_key_ids"))),
                row.getBoolean("live"),
                row.getOffsetDateTime("joined_at").toInstant(),
                Duration.ofMillis(row.getLong("sealing_ms")));
    }

    /**
     * The announcement of a replica.
     *
     * @param keyIds the keys with which it can decrypt
     * @param sealingId the key with which it seals; an empty text while it cannot seal
     * @param journalKeyIds the keys of token responses in its journal
     */
    public record Holding(String id, Set<String> keyIds, String sealingId, Set<String> journalKeyIds) {

        /** Copies the sets. */
        public Holding {
            keyIds = Set.copyOf(keyIds);
            journalKeyIds = Set.copyOf(journalKeyIds);
        }
    }

    /**
     * A replica.
     *
     * @param live whether it announced itself within the last minute
     * @param joinedAt when it first announced itself
     * @param sealingFor how long it has announced the same {@code sealingId}
     */
    public record Replica(Holding said, boolean live, Instant joinedAt, Duration sealingFor) {

        /** The id of the replica. */
        public String id() {
            return said.id();
        }

        /** As announced. */
        public Set<String> keyIds() {
            return said.keyIds();
        }

        /** As announced. */
        public String sealingId() {
            return said.sealingId();
        }

        /** As announced. */
        public Set<String> journalKeyIds() {
            return said.journalKeyIds();
        }
    }
}
