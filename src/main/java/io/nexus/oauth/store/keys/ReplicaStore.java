package io.nexus.oauth.store.keys;

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

/** What each replica says of the master keys that it holds. Non-blocking; fails with {@code StorageException}. */
@ApplicationScoped
public class ReplicaStore {

    /**
     * Says what this replica holds. Forgets who is gone for a minute; for a week not while answers may lie on its disk, unless this
     * replica has taken that disk over. Locked rows are skipped: two that come back at once would each wait for the other. Who was
     * forgotten while the database was away comes back in its old place.
     */
    private static final String ANNOUNCE = """
            WITH mine AS (
              INSERT INTO replicas AS r (replica_id, key_ids, sealing_id, journal_key_ids, journal_place, joined_at)
              VALUES ($1::text, $2::text[], $3::text, $4::text[], $5::text, COALESCE($7::timestamptz, clock_timestamp()))
              ON CONFLICT (replica_id) DO UPDATE SET key_ids = EXCLUDED.key_ids, sealing_id = EXCLUDED.sealing_id,
                sealing_since = CASE WHEN r.sealing_id = EXCLUDED.sealing_id THEN r.sealing_since ELSE clock_timestamp() END,
                journal_key_ids = EXCLUDED.journal_key_ids, journal_place = EXCLUDED.journal_place,
                seen_at = clock_timestamp())
            DELETE FROM replicas WHERE replica_id IN (
              SELECT replica_id FROM replicas WHERE replica_id <> $1::text
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
            UPDATE replicas SET journal_key_ids = $2::text[], seen_at = clock_timestamp() - interval '1 hour'
            WHERE replica_id = $1::text""";

    private final Database database;

    ReplicaStore(Database database) {
        this.database = database;
    }

    /**
     * Says what {@code mine} holds.
     *
     * @param joinedAt when it joined, as {@link #all} says; null the first time
     * @param place names the directory of this replica's journal, as no other machine does
     * @param complete whether everything that dead processes left there was taken over
     */
    public Uni<Void> announce(Holding mine, @Nullable Instant joinedAt, String place, boolean complete) {
        Tuple values = Tuple.tuple()
                .addString(mine.id())
                .addArrayOfString(mine.keyIds().toArray(String[]::new))
                .addString(mine.sealingId())
                .addArrayOfString(mine.journalKeyIds().toArray(String[]::new))
                .addString(place)
                .addBoolean(complete)
                .addOffsetDateTime(joinedAt == null ? null : joinedAt.atOffset(ZoneOffset.UTC));
        return database.change(ANNOUNCE, values).replaceWithVoid();
    }

    /** What all replicas said last, in the order in which they joined. */
    public Uni<List<Replica>> all() {
        return database.list(ALL, Tuple.tuple(), ReplicaStore::read);
    }

    /** The replica stops: it holds nobody up any more. What it leaves in its journal stays known. */
    public Uni<Void> leave(String id, Set<String> journalKeyIds) {
        Tuple values = Tuple.tuple().addString(id).addArrayOfString(journalKeyIds.toArray(String[]::new));
        return database.change(LEAVE, values).replaceWithVoid();
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
     * What a replica says of itself.
     *
     * @param keyIds every key that opens there
     * @param sealingId the key that seals there; empty while none does
     * @param journalKeyIds the keys of answers in its journal
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
     * @param live whether it was heard of in the last minute
     * @param joinedAt when it was heard of first
     * @param sealingFor for how long it has said the same {@code sealingId}
     */
    public record Replica(Holding said, boolean live, Instant joinedAt, Duration sealingFor) {

        /** Its name. */
        public String id() {
            return said.id();
        }

        /** As it said. */
        public Set<String> keyIds() {
            return said.keyIds();
        }

        /** As it said. */
        public String sealingId() {
            return said.sealingId();
        }

        /** As it said. */
        public Set<String> journalKeyIds() {
            return said.journalKeyIds();
        }
    }
}
