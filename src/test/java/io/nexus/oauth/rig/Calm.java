package io.nexus.oauth.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.sql.SQLException;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;

/** The end of a run: faults end, callers go on until nothing is overdue, then all is waited for that is under way. */
final class Calm {

    /** A revocation whose replica died is taken up again after two minutes. */
    private static final int REVOKING_S = 150;

    private static final int LEASES_S = 15;
    private static final int JOURNALS_S = 15;
    private static final int POOLS_S = 15;

    private final World world;

    Calm(World world) {
        this.world = world;
    }

    /** A number that goes down to zero. */
    private interface Left {
        long now() throws Exception;
    }

    void restore(int overdueSeconds) throws Exception {
        world.pass();
        world.provider().set("dice", false);
        for (Replica replica : world.replicas()) {
            if (!replica.isAlive()) {
                replica.start();
            }
        }
        world.events().add("calm");
        long began = System.nanoTime();
        long overdue = await(overdueSeconds, world.sampler()::overdue);
        long took = (System.nanoTime() - began) / 1_000_000;
        world.events()
                .add(
                        "recovered",
                        "overdue",
                        overdue,
                        "ms",
                        took,
                        "scheduled",
                        world.sampler().scheduled());
        await(REVOKING_S, this::waitingRevocations);
        world.driver().stop();
        await(LEASES_S, this::leased);
        for (Replica replica : world.replicas()) {
            long unstored = await(JOURNALS_S, () -> unstored(replica));
            world.events().add("unstored", "rep", replica.name(), "answers", unstored);
            await(POOLS_S, () -> {
                // not sql_pool_queue_size: waiters whose patience ended are never counted out of it
                OptionalDouble busy = replica.metric("sql_pool_active");
                world.poolsAtTheEnd().put(replica.name(), busy);
                return (long) busy.orElse(1);
            });
            Files.writeString(replica.home().resolve("metrics.txt"), replica.metrics());
        }
        world.events().add("quiet");
    }

    /** Waits until nothing is left, for so long; gives what is. */
    private static long await(int seconds, Left left) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        long now = left.now();
        while (now > 0 && System.nanoTime() < end) {
            Thread.sleep(250);
            now = left.now();
        }
        return now;
    }

    /** Answers that are on the replica's disk and not in the database. A replica that does not say so has some. */
    private static long unstored(Replica replica) throws IOException {
        return (long) replica.metric("nexus_oauth_unpersisted_tokens").orElse(1);
    }

    private long waitingRevocations() throws SQLException {
        return Long.parseLong(world.postgres().value("SELECT count(*) FROM revocation_outbox"));
    }

    private long leased() throws SQLException {
        return Long.parseLong(world.postgres()
                .value("SELECT count(*) FROM oauth_credentials WHERE lease_until > clock_timestamp()"
                        + " AND lease_until < clock_timestamp() + interval '15 seconds'"));
    }
}
