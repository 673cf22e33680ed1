package io.nexus.oauth.store;

import io.nexus.oauth.credential.StorageException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Set;

/** What each replica says of the master keys that it holds. Non-blocking; fails with {@link StorageException}. */
@ApplicationScoped
public class ReplicaStore {

    /**
     * Says what this replica holds and returns what the others said. Forgets who is gone for a minute; for a week not while answers
     * may lie on its disk, unless this replica has taken that disk over. Locked rows are skipped: two that come back at once would
     * each wait for the other.
     */
    private static final String ANNOUNCE = """
            WITH mine AS (
              INSERT INTO replicas AS r (replica_id, key_ids, sealing_id, journal_key_ids, journal_place)
              VALUES ($1::text, $2::text[], $3::text, $4::text[], $5::text)
              ON CONFLICT (replica_id) DO UPDATE SET key_ids = EXCLUDED.key_ids, sealing_id = EXCLUDED.sealing_id,
                journal_key_ids = EXCLUDED.journal_key_ids, journal_place = EXCLUDED.journal_place,
                seen_at = clock_timestamp()),
            gone AS (
              DELETE FROM replicas WHERE replica_id IN (
                SELECT replica_id FROM replicas WHERE replica_id <> $1::text
                  AND seen_at < clock_timestamp() - interval '60 seconds'
                  AND (journal_key_ids = '{}' OR seen_at < clock_timestamp() - interval '7 days'
                    OR ($6::boolean AND journal_place = $5::text))
                FOR UPDATE SKIP LOCKED))
            SELECT replica_id, key_ids, sealing_id, journal_key_ids,
              seen_at >= clock_timestamp() - interval '60 seconds' AS live
            FROM replicas WHERE replica_id <> $1::text""";

    private static final String LEAVE = """
            UPDATE replicas SET journal_key_ids = $2::text[], seen_at = clock_timestamp() - interval '1 hour'
            WHERE replica_id = $1::text""";

    private final Database database;

    ReplicaStore(Database database) {
        this.database = database;
    }

    /**
     * Says what {@code mine} holds; what the others hold.
     *
     * @param place names the directory of this replica's journal, as no other machine does
     * @param complete whether everything that dead processes left there was taken over
     */
    public Uni<List<Replica>> announce(Replica mine, String place, boolean complete) {
        Tuple values = Tuple.tuple()
                .addString(mine.id())
                .addArrayOfString(mine.keyIds().toArray(String[]::new))
                .addString(mine.sealingId())
                .addArrayOfString(mine.journalKeyIds().toArray(String[]::new))
                .addString(place)
                .addBoolean(complete);
        return database.all(ANNOUNCE, values, ReplicaStore::read);
    }

    /** The replica stops: it holds nobody up any more. What it leaves in its journal stays known. */
    public Uni<Void> leave(String id, Set<String> journalKeyIds) {
        Tuple values = Tuple.tuple().addString(id).addArrayOfString(journalKeyIds.toArray(String[]::new));
        return database.change(LEAVE, values).replaceWithVoid();
    }

    private static Replica read(Row row) {
        return new Replica(
                row.getString("replica_id"),
                Set.of(row.getArrayOfStrings("key_ids")),
                row.getString("sealing_id"),
                Set.of(row.getArrayOfStrings("journal_key_ids")),
                row.getBoolean("live"));
    }

    /**
     * A replica.
     *
     * @param keyIds every key that opens there
     * @param sealingId the key that seals there
     * @param journalKeyIds the keys of answers in its journal
     * @param live whether it was heard of in the last minute
     */
    public record Replica(String id, Set<String> keyIds, String sealingId, Set<String> journalKeyIds, boolean live) {

        /** Copies the sets. */
        public Replica {
            keyIds = Set.copyOf(keyIds);
            journalKeyIds = Set.copyOf(journalKeyIds);
        }
    }
}
