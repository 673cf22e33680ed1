package io.nexus.oauth.rig;

import io.nexus.oauth.testing.RotatingGrant;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** S23: refreshes whose answers come after the credential was revoked, most of them after it was connected again, too. */
final class Crossings {

    private static final int AT_ONCE = 12;

    /** Two ticks of the schedule, and a reserve. */
    private static final int HELD_MS = 5_000;

    private static final int WORKING_S = 15;

    private final World world;
    private final Effect effect;
    private final long least;
    private final AtomicInteger count = new AtomicInteger();
    private final Set<String> fresh = ConcurrentHashMap.newKeySet();
    private final Finding finding =
            new Finding("S23", "a refresh is answered when its credential was revoked meanwhile");
    private final Tally beside;
    private final Tally alone;
    private final Tally working;

    private Crossings(World world, long least) {
        this.world = world;
        this.effect = new Effect(world);
        this.least = least;
        beside = finding.tally("answers that came when a new grant was stored", least);
        alone = finding.tally("answers that came before a new grant was stored", 1);
        working = finding.tally("new grants that were refreshed afterwards", least);
    }

    static List<Finding> run(World world, Scenario.Run run) throws Exception {
        Crossings crossings = new Crossings(world, Math.max(2, run.seconds() / 4));
        RunClock clock = run.clock();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            Random random = new Random(run.random().nextLong());
            threads.add(Thread.ofVirtual().start(() -> crossings.cross(clock, random)));
        }
        for (Thread each : threads) {
            each.join();
        }
        crossings.awaitWorking();
        return List.of(crossings.finding);
    }

    private void cross(RunClock clock, Random random) {
        try (Http http = new Http()) {
            while (clock.runs()) {
                List<Account> all = world.accounts().all();
                Account account = all.get(random.nextInt(all.size()));
                if (canCross(account.provider) && !account.ended && account.reconnecting.compareAndSet(false, true)) {
                    try {
                        cross(http, account, count.incrementAndGet() % 4 != 2);
                    } finally {
                        account.reconnecting.set(false);
                    }
                } else {
                    clock.sleep(10);
                }
            }
        } catch (IOException | SQLException e) {
            throw new IllegalStateException("provider or database is gone", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A kept refresh token dies with its revocation, and where there is a grace the service waits for four seconds only. */
    private static boolean canCross(String provider) {
        return RotatingGrant.RULES.get(provider).rotates() && !ReplicaSettings.hasGrace(provider);
    }

    /** With {@code first} the account is connected again before the answer comes, and else after it. */
    private void cross(Http http, Account account, boolean first)
            throws IOException, InterruptedException, SQLException {
        String old = account.grant;
        world.provider().hold(old);
        due(account);
        boolean held = world.provider().awaitHeld(old, HELD_MS);
        boolean crossed = held && world.driver().revoke(http, account);
        if (crossed && first) {
            world.driver().connect(http, account);
        }
        world.provider().release(old);
        if (!crossed) {
            return; // the dice spoilt it, or nobody could be asked
        }
        (first ? beside : alone).add();
        if (!first) {
            world.driver().connect(http, account);
        }
        fresh.add(account.grant);
        due(account);
    }

    /** The schedule takes it up at its next tick. */
    private void due(Account account) throws SQLException {
        world.postgres()
                .execute("UPDATE oauth_credentials SET next_refresh_at = clock_timestamp()"
                        + " WHERE status = 'active' AND credential_id = '" + account.credential + "'");
    }

    /** The new grants are refreshed like any other. */
    private void awaitWorking() throws IOException, InterruptedException {
        RunClock patience = new RunClock(WORKING_S);
        long now = works();
        while (now < least && patience.runs()) {
            patience.sleep(500);
            now = works();
        }
        working.add(now);
    }

    private long works() throws IOException {
        return effect.provider(line -> line.event().equals("spend") && fresh.contains(line.text("g")));
    }
}
