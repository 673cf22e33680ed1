package io.nexus.oauth.store.keys;

import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.audit.AuditInsert;
import io.nexus.oauth.store.connection.Database;
import io.nexus.oauth.store.execution.ColumnTexts;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Stores the progress of the rotation of the master key. Its lease lets one replica work; saving the progress renews
 * the lease. Non-blocking; fails with {@code StorageException}.
 */
@ApplicationScoped
public class RotationStore {

    private static final String COLUMNS = """
            r.key_id, r.state, r.table_name, r.cursor_a, r.cursor_b, r.total, r.done, r.moved, r.skipped, r.started_by,
            r.started_at, r.updated_at, r.ended_at""";

    private static final String BEGIN = """
            WITH begun AS (
              INSERT INTO key_rotation AS r (key_id, state, table_name, cursor_a, cursor_b, started_by, tenant_id)
              VALUES ($1::text, 'running', $2::text, $3::text, $4::text, $5::text, $6::text)
              ON CONFLICT (only_one) DO UPDATE SET key_id = EXCLUDED.key_id, state = 'running',
                table_name = EXCLUDED.table_name, cursor_a = EXCLUDED.cursor_a, cursor_b = EXCLUDED.cursor_b,
                total = NULL, done = 0, moved = 0, skipped = 0, started_by = EXCLUDED.started_by,
                tenant_id = EXCLUDED.tenant_id, started_at = clock_timestamp(), updated_at = clock_timestamp(),
                ended_at = NULL, lease_owner = NULL, lease_until = NULL
              WHERE r.state <> 'running' OR r.key_id <> EXCLUDED.key_id
              RETURNING r.tenant_id, r.started_by, r.key_id)
            %s""".formatted(AuditInsert.of("'key_rotation_begun'", "started_by")
            .subject("key_id")
            .from("begun"));

    private static final String GET = "SELECT " + COLUMNS + " FROM key_rotation r";

    private static final String TAKE_LEASE = """
            UPDATE key_rotation r SET lease_owner = $1::text,
              lease_until = clock_timestamp() + $2::bigint * interval '1 millisecond'
            WHERE r.state = 'running' AND (r.lease_owner IS NULL OR r.lease_owner = $1::text
              OR r.lease_until < clock_timestamp())
            RETURNING %s""".formatted(COLUMNS);

    private static final String SAVE = """
            UPDATE key_rotation r SET table_name = $3::text, cursor_a = $4::text, cursor_b = $5::text, total = $6::bigint,
              done = $7::bigint, moved = $8::bigint, skipped = $9::bigint, updated_at = clock_timestamp(),
              lease_until = clock_timestamp() + $10::bigint * interval '1 millisecond'
            WHERE r.state = 'running' AND r.lease_owner = $1::text AND r.key_id = $2::text""";

    private static final String END = """
            WITH ended AS (
              UPDATE key_rotation r SET state = 'done', skipped = $3::bigint, done = $4::bigint, ended_at = clock_timestamp(),
                updated_at = clock_timestamp(), lease_owner = NULL, lease_until = NULL
              WHERE r.state = 'running' AND r.lease_owner = $1::text AND r.key_id = $2::text
              RETURNING r.*)
            %s""".formatted(AuditInsert.of("'key_rotation_ended'", "'system'")
            .subject("key_id")
            .detail("done || ' rows, ' || skipped || ' unreadable, begun by ' || started_by")
            .from("ended"));

    private final Database database;

    RotationStore(Database database) {
        this.database = database;
    }

    /**
     * Starts a rotation to {@code keyId}. Returns false when the same rotation is already running; then nothing
     * changes.
     */
    public Uni<Boolean> begin(String keyId, String by, TenantId tenant) {
        SealedTable first = SealedTable.values()[0];
        Tuple values = Tuple.tuple()
                .addString(keyId)
                .addString(first.label())
                .addString(first.start().firstColumn())
                .addString(first.start().secondColumn())
                .addString(by)
                .addString(tenant.value());
        return database.executeUpdate(BEGIN, values).map(begun -> begun > 0);
    }

    /** The latest rotation; empty when there was none. */
    public Uni<Optional<Progress>> get() {
        return database.selectRow(GET, Tuple.tuple(), RotationStore::read);
    }

    /**
     * Takes or keeps the lease of the running rotation; empty when none is running or another replica holds the lease.
     */
    public Uni<Optional<Progress>> takeLease(String owner, Duration lease) {
        return database.executeForRow(TAKE_LEASE, Tuple.of(owner, lease.toMillis()), RotationStore::read);
    }

    /** Saves {@code progress} and renews the lease. Returns false when {@code owner} no longer holds the lease. */
    public Uni<Boolean> save(String owner, Progress progress, Duration lease) {
        Tuple values = Tuple.tuple()
                .addString(owner)
                .addString(progress.keyId())
                .addString(progress.table().label())
                .addString(progress.cursor().firstColumn())
                .addString(progress.cursor().secondColumn())
                .addLong(progress.total())
                .addLong(progress.done())
                .addLong(progress.moved())
                .addLong(progress.skipped())
                .addLong(lease.toMillis());
        return database.executeUpdate(SAVE, values).map(changed -> changed > 0);
    }

    /** Ends the rotation. Returns false when {@code owner} no longer holds the lease. */
    public Uni<Boolean> end(String owner, Progress progress) {
        Tuple values = Tuple.of(owner, progress.keyId(), progress.skipped(), progress.done());
        return database.executeUpdate(END, values).map(changed -> changed > 0);
    }

    private static Progress read(Row row) {
        return new Progress(
                row.getString("key_id"),
                row.getString("state").equals("running"),
                SealedTable.of(row.getString("table_name")),
                new SealedRows.RowKey(row.getString("cursor_a"), row.getString("cursor_b")),
                row.getLong("total"),
                row.getLong("done"),
                row.getLong("moved"),
                row.getLong("skipped"),
                row.getString("started_by"),
                row.getOffsetDateTime("started_at").toInstant(),
                row.getOffsetDateTime("updated_at").toInstant(),
                ColumnTexts.instant(row.getOffsetDateTime("ended_at")));
    }

    /**
     * The progress of a rotation.
     *
     * @param keyId the new key
     * @param running whether it is still running
     * @param table the table in progress
     * @param cursor the last visited row
     * @param total the rows under other keys at the start; null until they are counted
     * @param done the re-sealed rows
     * @param moved the rows of this pass that changed meanwhile, which need another pass
     * @param skipped the rows of this pass that cannot be decrypted and stay as they are
     */
    public record Progress(
            String keyId,
            boolean running,
            SealedTable table,
            SealedRows.RowKey cursor,
            @Nullable Long total,
            long done,
            long moved,
            long skipped,
            String startedBy,
            Instant startedAt,
            Instant updatedAt,
            @Nullable Instant endedAt) {

        /** This progress with the total. */
        public Progress counted(long rows) {
            return new Progress(
                    keyId, running, table, cursor, rows, done, moved, skipped, startedBy, startedAt, updatedAt, null);
        }

        /** This progress after a batch. */
        public Progress after(SealedRows.RowKey end, long sealed, long changed, long unreadable) {
            return new Progress(
                    keyId,
                    running,
                    table,
                    end,
                    total,
                    done + sealed,
                    moved + changed,
                    skipped + unreadable,
                    startedBy,
                    startedAt,
                    updatedAt,
                    null);
        }

        /** This progress at the start of {@code next}; the first table starts a new pass. */
        public Progress at(SealedTable next) {
            boolean again = next.ordinal() == 0;
            return new Progress(
                    keyId,
                    running,
                    next,
                    next.start(),
                    total,
                    done,
                    again ? 0 : moved,
                    again ? 0 : skipped,
                    startedBy,
                    startedAt,
                    updatedAt,
                    null);
        }

        /** This progress when this replica no longer works on it, because it ended or another replica took it. */
        public Progress over() {
            return new Progress(
                    keyId, false, table, cursor, total, done, moved, skipped, startedBy, startedAt, updatedAt, endedAt);
        }
    }
}
