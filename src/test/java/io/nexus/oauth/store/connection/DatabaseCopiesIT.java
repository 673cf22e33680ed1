package io.nexus.oauth.store.connection;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.store.execution.StatementExecutor;
import io.nexus.oauth.store.keys.Announcements;
import io.nexus.oauth.testing.Postgres;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgConnection;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replicas that look at a database which is promoted to new timelines and loses rows. */
class DatabaseCopiesIT {

    private static final List<String> SCHEMA = List.of("V5__keys.sql", "V8__replicas.sql", "V15__database_copies.sql");

    @TempDir
    static Path directory;

    private static Postgres postgres;

    private final Vertx vertx = Vertx.vertx();
    private Pool pool;
    private Announcements announcements;

    /** What a replica has of the service: its look at the database, its id, and the place of its journal. */
    private final class Replica {

        private final String id;
        private final String place;
        private final DatabaseCopies copies;

        /** Far from the bounds of the monotonic clock, which is not what these tests are about. */
        private long nanos;

        Replica(String id, String place) {
            this.id = id;
            this.place = place;
            this.copies = new DatabaseCopies(() -> nanos);
        }

        Replica look() {
            PgConnection open = joined(PgConnection.connect(vertx, options()));
            joined(copies.look(open));
            joined(open.close());
            nanos += TimeUnit.SECONDS.toNanos(3);
            return this;
        }

        /** Its local pause after it detected another copy is over. */
        Replica waitHere() {
            nanos += ReplayAgreement.MIN_WAIT.toNanos();
            return this;
        }

        void announce() {
            announcements.announce(id, place, copies.agreement().replay());
        }

        void replay(boolean alone) {
            UUID copy = copies.agreement().copy();
            assertThat(copy).isNotNull();
            copies.agreement().replayed(new ChangeFeed.Replay(copy, alone));
            announce();
        }

        boolean isSettled() {
            return look().copies.isSettled();
        }

        String waiting() {
            return copies.agreement().waiting().orElse("");
        }
    }

    private final Replica a = new Replica("a", "disk a");
    private final Replica b = new Replica("b", "disk b");

    @BeforeAll
    static void start() throws Exception {
        postgres = new Postgres(directory.resolve("bin"), directory, "never-to-be-seen", Postgres.DURABLE);
        for (String file : SCHEMA) {
            run(Files.readString(Path.of("src/main/resources/db/migration", file)));
        }
    }

    @AfterAll
    static void stop() throws Exception {
        postgres.close();
    }

    @BeforeEach
    void forget() throws Exception {
        run("TRUNCATE replicas, database_copies");
        openPool();
    }

    private void openPool() {
        pool = io.vertx.pgclient.PgBuilder.pool()
                .with(new PoolOptions().setMaxSize(2))
                .connectingTo(options())
                .using(vertx)
                .build();
        StatementExecutor executor = new StatementExecutor(vertx, pool);
        announcements = new Announcements(new Database(vertx, executor, executor, 1));
    }

    @AfterEach
    void close() {
        joined(pool.close());
        joined(vertx.close());
    }

    private PgConnectOptions options() {
        return new PgConnectOptions()
                .setHost("127.0.0.1")
                .setPort(postgres.port())
                .setDatabase(Postgres.DATABASE)
                .setUser(Postgres.USER)
                .setPassword(postgres.password());
    }

    private static <T> @Nullable T joined(Future<T> future) {
        return future.toCompletionStage().toCompletableFuture().join();
    }

    private static void run(String sql) throws Exception {
        postgres.execute(Postgres.DATABASE, sql);
    }

    private String one(String sql) throws Exception {
        try (Connection connection = postgres.connect(Postgres.DATABASE);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }

    private void restart() throws Exception {
        joined(pool.close());
        postgres.kill();
        postgres.start();
        openPool();
    }

    /** The server comes back as a promoted standby: on a new timeline. */
    private void failOver() throws Exception {
        joined(pool.close());
        postgres.kill();
        Files.writeString(postgres.data().resolve("standby.signal"), "");
        postgres.start();
        one("SELECT pg_promote()");
        openPool();
    }

    /** The present copy is older by {@code seconds}. */
    private void age(int seconds) throws Exception {
        run("UPDATE database_copies SET first_seen_at = first_seen_at - interval '" + seconds
                + " s' WHERE number = (SELECT max(number) FROM database_copies)");
    }

    private long copies() throws Exception {
        return Long.parseLong(one("SELECT count(*) FROM database_copies"));
    }

    @Test
    void freshInstallationWaitsForNobody() throws Exception {
        assertThat(a.isSettled()).isTrue();
        a.announce();
        assertThat(b.isSettled()).isTrue();
        b.announce();

        assertThat(a.isSettled()).isTrue();
        assertThat(copies()).isOne();
    }

    @Test
    void restartOfTheServerIsNoOtherCopy() throws Exception {
        a.look().announce();
        restart();

        assertThat(a.isSettled()).isTrue();
        assertThat(new Replica("new", "disk new").isSettled()).isTrue();
        assertThat(copies()).isOne();
    }

    @Test
    void afterAFailoverEveryReplicaIsWaitedFor() throws Exception {
        a.look().announce();
        b.look().announce();
        failOver();

        a.look();
        a.replay(false);
        age(20);
        assertThat(a.waitHere().isSettled()).isFalse();
        assertThat(a.waiting()).contains("journals: b;").doesNotContain("a,");

        assertThat(b.look().waitHere().isSettled()).isFalse();
        assertThat(b.copies.agreement().wantsReplay()).isTrue();
        b.replay(false);

        assertThat(a.isSettled()).isTrue();
        assertThat(b.isSettled()).isTrue();
        assertThat(copies()).isEqualTo(2);
    }

    @Test
    void silentReplicaIsWaitedForUntilItsRequestsAreOver() throws Exception {
        a.look().announce();
        b.look().announce();
        failOver();
        a.look();
        a.replay(false);
        a.waitHere();

        // an hour-long outage: its last announcement was then the last of all
        run("UPDATE replicas SET seen_at = seen_at - interval '1 h'");
        a.announce();
        age(185);
        assertThat(a.isSettled()).isFalse();
        age(15);
        assertThat(a.isSettled()).isTrue();
    }

    @Test
    void replicaThatStartsInAYoungCopyWaitsToo() throws Exception {
        a.look().announce();
        b.look().announce();
        failOver();
        a.look();
        a.replay(false);
        age(20);

        Replica fresh = new Replica("fresh", "disk fresh");
        assertThat(fresh.isSettled()).isFalse();
        fresh.replay(false);
        assertThat(fresh.isSettled()).isFalse();
        assertThat(fresh.waiting()).contains("journals: b;");

        b.look();
        b.replay(false);
        assertThat(fresh.isSettled()).isTrue();
    }

    @Test
    void replicaThatStartsFirstAfterAFailoverDeclaresIt() throws Exception {
        a.look().announce();
        failOver();

        Replica fresh = new Replica("fresh", "disk fresh");
        assertThat(fresh.isSettled()).isFalse();
        fresh.replay(false);
        age(20);
        assertThat(fresh.isSettled()).isFalse();
        assertThat(fresh.waiting()).contains("journals: a;");
    }

    @Test
    void othersWaitForAReplicaThatStartsInAYoungCopy() throws Exception {
        a.look().announce();
        failOver();
        a.look();
        a.replay(false);
        age(20);
        assertThat(a.waitHere().isSettled()).isTrue();

        Replica fresh = new Replica("fresh", "disk fresh");
        fresh.look().announce();
        assertThat(a.isSettled()).isFalse();
        fresh.replay(false);
        assertThat(a.isSettled()).isTrue();
    }

    @Test
    void replicaWhoseRowIsLostComesBackInTime() throws Exception {
        a.look().announce();
        b.look().announce();
        failOver();
        run("DELETE FROM replicas WHERE replica_id = 'b'");
        a.look();
        a.replay(false);
        b.look().announce();
        age(20);
        assertThat(a.waitHere().isSettled()).isFalse();

        b.replay(false);
        assertThat(a.isSettled()).isTrue();
    }

    // the copy lacks its last announcements, and the others announced themselves before they looked
    @Test
    void replicaThatSeemsSilentForLongIsWaitedFor() throws Exception {
        a.look().announce();
        b.look().announce();
        run("UPDATE replicas SET seen_at = seen_at - interval '10 min'");
        failOver();
        announcements.announce("fresh", "disk fresh", null, false);
        announcements.announce("a", "disk a", null, false);
        a.look();
        a.replay(false);
        age(20);

        assertThat(a.waitHere().isSettled()).isFalse();
        assertThat(a.waiting()).contains("b, fresh;");
    }

    @Test
    void replicaThatStoppedOrWasSilentBeforeIsNotWaitedFor() throws Exception {
        a.look().announce();
        b.look().announce();
        announcements.leave("b");
        announcements.announce("gone", "disk gone", null);
        run("UPDATE replicas SET seen_at = seen_at - interval '61 s' WHERE replica_id = 'gone'");
        a.announce();
        failOver();
        a.look();
        a.replay(false);
        age(20);

        assertThat(a.waitHere().isSettled()).isTrue();
    }

    @Test
    void heirOfAJournalSpeaksForItsOwner() throws Exception {
        a.look().announce();
        b.look().announce();
        failOver();
        a.look();
        a.replay(false);
        age(20);

        Replica heir = new Replica("heir", "disk b");
        heir.look().announce();
        heir.replay(false);
        assertThat(a.waitHere().isSettled())
                .as("another process has files there")
                .isFalse();

        heir.replay(true);
        assertThat(a.isSettled()).isTrue();
    }

    @Test
    void rowsStayWhileACopyIsYoung() throws Exception {
        a.look().announce();
        b.look().announce();
        run("UPDATE replicas SET seen_at = seen_at - interval '90 s'");
        failOver();
        a.look().announce();
        assertThat(one("SELECT count(*) FROM replicas")).isEqualTo("2");

        age(181);
        a.announce();
        assertThat(one("SELECT count(*) FROM replicas")).isEqualTo("1");
    }

    @Test
    void twoFailoversAreTwoCopies() throws Exception {
        a.look().announce();
        failOver();
        a.look();
        a.replay(false);
        age(20);
        assertThat(a.waitHere().isSettled()).isTrue();

        failOver();
        assertThat(a.isSettled()).isFalse();
        assertThat(a.copies.agreement().wantsReplay()).isTrue();
        assertThat(copies()).isEqualTo(3);
    }

    /** The volume of an older state, as a snapshot restores it: the timeline is the same, the log is shorter. */
    @Test
    void restoredVolumeIsAnotherCopyForEverybodyWhenOneNotices() throws Exception {
        a.look().announce();
        b.look().announce();
        a.copies.advance(Long.MAX_VALUE / 2);
        restart();

        assertThat(a.isSettled()).isFalse();
        assertThat(copies()).isEqualTo(2);
        assertThat(b.isSettled()).as("it knew of no later commit by itself").isFalse();
        assertThat(copies()).isEqualTo(2);
        restart();
        assertThat(b.look().copies.agreement().copy())
                .isEqualTo(a.look().copies.agreement().copy());
        assertThat(copies()).isEqualTo(2);
    }

    @Test
    void databaseWithoutTheTableIsJudgedByEachReplica() throws Exception {
        run("ALTER TABLE database_copies RENAME TO away");
        try {
            assertThat(a.isSettled()).isTrue();
            failOver();

            assertThat(a.isSettled()).isFalse();
            assertThat(a.waitHere().isSettled()).isTrue();
        } finally {
            run("ALTER TABLE away RENAME TO database_copies");
        }
    }
}
