package io.nexus.oauth.store.connection;

import io.vertx.core.Future;
import io.vertx.pgclient.PgConnection;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the server on the feed's connection: which copy of the database it has, and which replicas have replayed their
 * journals into it. The first replica that sees another copy declares it in the database. Does not block.
 */
final class DatabaseCopies {

    private static final String POSITION = """
            SELECT %s || '.' || ('x' || left(pg_walfile_name(pg_current_wal_flush_lsn()), 8))::bit(32)::int::bigint AS server,
              ('x' || left(pg_walfile_name(pg_current_wal_flush_lsn()), 8))::bit(32)::int::bigint AS timeline,
              (pg_current_wal_flush_lsn() - '0/0'::pg_lsn)::bigint AS position,
              (extract(epoch FROM pg_postmaster_start_time()) * 1000000)::bigint AS started_at, %s AS checkpoint""";

    /**
     * Queries for the position of the log, from the most informative to one that every PostgreSQL-compatible server
     * accepts.
     */
    private static final List<String> POSITION_QUERIES = List.of(
            POSITION.formatted(
                    "(SELECT system_identifier FROM pg_control_system())",
                    "(SELECT redo_lsn - '0/0'::pg_lsn FROM pg_control_checkpoint())::bigint"),
            POSITION.formatted("'unknown'", "-1::bigint"),
            "SELECT 1");

    /** SQLSTATEs of a server that does not report something: no such function, table or column, not allowed, not supported. */
    private static final Set<String> NOT_REPORTED = Set.of("42883", "42P01", "42703", "42501", "0A000");

    /** A replica that announced itself within a minute is live: it is waited for, also when it started after the failover. */
    private static final String PRESENT = """
            SELECT c.copy_id, c.server, c.started_at,
              (extract(epoch FROM clock_timestamp() - c.first_seen_at) * 1000)::bigint AS age_ms,
              ARRAY(SELECT w.id FROM (SELECT unnest(c.awaited) AS id UNION SELECT r.replica_id FROM replicas r
                    WHERE r.seen_at >= clock_timestamp() - interval '60 seconds') w
                  WHERE NOT EXISTS (SELECT FROM replicas r WHERE r.replica_id = w.id AND r.replayed_copy = c.copy_id)
                  ORDER BY w.id) AS awaited
            FROM database_copies c ORDER BY c.number DESC LIMIT 1""";

    /**
     * Declares a copy. Awaited are all replicas that have not stopped: rows of dead ones are deleted a minute after
     * their end. How long they are silent says little here, because the copy lacks their last announcements, and others
     * may have announced themselves already. The first copy of all is as old as can be, unless a replica saw another one
     * before.
     */
    private static final String DECLARE = """
            INSERT INTO database_copies (server, started_at, first_seen_at, awaited)
            SELECT $1::text, $2::bigint,
              CASE WHEN $3::boolean OR EXISTS (SELECT FROM database_copies) THEN clock_timestamp() ELSE 'epoch' END,
              ARRAY(SELECT replica_id FROM replicas WHERE NOT has_left AND seen_at >= clock_timestamp() - interval '1 day')
            ON CONFLICT (server, started_at) DO NOTHING""";

    private final FailoverDetector failovers;
    private final ReplayAgreement agreement;

    /** The index of the query in {@link #POSITION_QUERIES} that this server accepts. */
    private volatile int positionQuery;

    /** Whether this replica detected another copy and has not seen its declaration yet. */
    private volatile boolean changed;

    /** Where the server is. */
    private record Seen(String server, FailoverDetector.Sighting sighting) {}

    DatabaseCopies(LongSupplier nanos) {
        this.failovers = new FailoverDetector(nanos);
        this.agreement = new ReplayAgreement(nanos);
    }

    /** Whether the server reports the position of its log. */
    boolean hasLogPosition() {
        return positionQuery < POSITION_QUERIES.size() - 1;
    }

    /** As {@link FailoverDetector#advance}. */
    void advance(long seen) {
        failovers.advance(seen);
    }

    /** Whether the copy is the same as before, or every live replica has replayed its journal into it. */
    boolean isSettled() {
        return failovers.isSettled() && agreement.isSettled();
    }

    ReplayAgreement agreement() {
        return agreement;
    }

    /** Looks at the server. Fails when the connection is of no use. */
    Future<Void> look(PgConnection open) {
        long before = failovers.position();
        return open.query(POSITION_QUERIES.get(positionQuery)).execute().transform(asked -> {
            if (asked.succeeded()) {
                return hasLogPosition()
                        ? observe(open, asked.result().iterator().next(), before)
                        : Future.succeededFuture();
            }
            if (isNotReported(asked.cause())) {
                positionQuery++; // not every PostgreSQL-compatible database has such a log or reports it
                return look(open);
            }
            return Future.failedFuture(asked.cause());
        });
    }

    private Future<Void> observe(PgConnection open, Row row, long before) {
        Seen seen = new Seen(
                row.getString("server"),
                new FailoverDetector.Sighting(
                        row.getLong("timeline"),
                        row.getLong("position"),
                        row.getLong("started_at"),
                        row.getLong("checkpoint")));
        changed |= failovers.observe(seen.sighting(), before);
        return present(open)
                .compose(found -> {
                    if (isOf(found, seen)) {
                        return Future.succeededFuture(found);
                    }
                    return open.preparedQuery(DECLARE)
                            .execute(Tuple.of(seen.server(), seen.sighting().startedAt(), changed))
                            .compose(ignored -> present(open));
                })
                .transform(looked -> {
                    if (looked.succeeded() && looked.result() != null) {
                        changed = false;
                        agreement.read(looked.result());
                        return Future.succeededFuture();
                    }
                    agreement.forget();
                    return looked.succeeded() || isNotReported(looked.cause())
                            ? Future.succeededFuture() // the schema is not migrated yet
                            : Future.failedFuture(looked.cause());
                });
    }

    /** A replica that detected another copy wants one that is declared for this start of the server. */
    private boolean isOf(@Nullable PresentCopy found, Seen seen) {
        return found != null
                && found.server().equals(seen.server())
                && (!changed || found.startedAt() == seen.sighting().startedAt());
    }

    private static Future<@Nullable PresentCopy> present(PgConnection open) {
        return open.query(PRESENT).execute().map(DatabaseCopies::read);
    }

    private static @Nullable PresentCopy read(RowSet<Row> rows) {
        if (rows.size() == 0) {
            return null;
        }
        Row row = rows.iterator().next();
        return new PresentCopy(
                row.getUUID("copy_id"),
                row.getString("server"),
                row.getLong("started_at"),
                TimeUnit.MILLISECONDS.toNanos(row.getLong("age_ms")),
                List.of(row.getArrayOfStrings("awaited")));
    }

    private static boolean isNotReported(Throwable failure) {
        return failure instanceof PgException e && NOT_REPORTED.contains(e.getSqlState());
    }
}
