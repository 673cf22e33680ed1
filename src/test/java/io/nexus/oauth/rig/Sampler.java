package io.nexus.oauth.rig;

import java.nio.file.Path;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;

/** Looks at the database once a second: sessions of the service, idle transactions, what is overdue. */
final class Sampler implements AutoCloseable {

    /** Two ticks of the schedule and the time that a tick takes. */
    private static final String OVERDUE = """
            SELECT count(*) FROM oauth_credentials WHERE status = 'active' AND encrypted_refresh_token IS NOT NULL
              AND next_refresh_at < clock_timestamp() - interval '6 seconds'
              AND (lease_until IS NULL OR lease_until
                + CASE WHEN unresolved > 0 THEN quarantine_ms ELSE 0 END * interval '1 millisecond'
                < clock_timestamp() - interval '6 seconds')""";

    private static final String SCHEDULED =
            "SELECT count(*) FROM oauth_credentials WHERE status = 'active' AND next_refresh_at IS NOT NULL";

    private static final String SESSIONS = """
            SELECT count(*), coalesce(max(CASE WHEN state LIKE 'idle in transaction%'
                THEN extract(epoch FROM clock_timestamp() - state_change) END), 0),
              count(*) FILTER (WHERE state <> 'idle')
            FROM pg_stat_activity WHERE usename = 'nexus' AND backend_type = 'client backend' AND application_name <> 'test'""";

    private final World world;
    private final Journal log;
    private final Thread thread;
    private volatile boolean stopped;

    Sampler(World world, Path log) {
        this.world = world;
        this.log = new Journal(log);
        this.thread = Thread.ofVirtual().start(this::run);
    }

    private void run() {
        while (!stopped) {
            try {
                String[] row = world.postgres().rows(SESSIONS).getFirst();
                log.add(
                        "sample",
                        "sessions",
                        row[0],
                        "idle_in_transaction_s",
                        row[1],
                        "active",
                        row[2],
                        "overdue",
                        overdue());
            } catch (SQLException e) {
                log.add("unsampled");
            }
            try {
                TimeUnit.SECONDS.sleep(1);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** How many credentials the schedule should have taken up by now. */
    int overdue() throws SQLException {
        return Integer.parseInt(world.postgres().value(OVERDUE));
    }

    /** How many credentials the schedule has to take up at some time. */
    int scheduled() throws SQLException {
        return Integer.parseInt(world.postgres().value(SCHEDULED));
    }

    @Override
    public void close() {
        stopped = true;
        thread.interrupt();
    }
}
