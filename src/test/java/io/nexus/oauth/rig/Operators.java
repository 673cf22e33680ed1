package io.nexus.oauth.rig;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * People and operators who revoke, connect, rotate keys, change client secrets and end tenants while faults go on beside them. The order
 * of their acts, the accounts and the pauses follow from the seed; how long an act takes does not.
 */
final class Operators {

    /** An act of a person or an operator. */
    enum Act {
        REVOKE,
        RECONNECT,
        ROTATE_KEYS,
        CHANGE_SECRET,
        END_TENANT
    }

    /** One round: each act at least once, the quick ones more often. */
    private static final List<Act> ROUND = List.of(
            Act.REVOKE,
            Act.REVOKE,
            Act.RECONNECT,
            Act.RECONNECT,
            Act.ROTATE_KEYS,
            Act.CHANGE_SECRET,
            Act.CHANGE_SECRET,
            Act.END_TENANT);

    /** How many accounts are revoked at once. */
    private static final int SEVERAL = 3;

    /** Longer than any act takes when replicas die beside it: one that is dead counts for a minute, a lost revocation for two. */
    static final long PATIENCE_S = 240;

    /** Carries out an act, with randomness of its own: acts run beside each other. */
    private interface Doing {
        void now(Random random) throws Exception;
    }

    private final World world;
    private final Random random;
    private final boolean full;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final List<Future<?>> running = new ArrayList<>();
    private final List<Act> order = new ArrayList<>();
    private final List<Act> done = new CopyOnWriteArrayList<>();
    private final ConcurrentLinkedQueue<Account> revoked = new ConcurrentLinkedQueue<>();
    private final KeyRotation keys;
    private final SecretChanges secrets;
    private final TenantEnds ends;
    private final Map<Act, Doing> acts = new EnumMap<>(Act.class);

    Operators(World world, Scenario.Run run) {
        this.world = world;
        this.random = new Random(run.random().nextLong());
        this.full = run.full();
        this.keys = new KeyRotation(world);
        this.secrets = new SecretChanges(world);
        this.ends = new TenantEnds(world);
        acts.put(Act.REVOKE, this::revoke);
        acts.put(Act.RECONNECT, this::reconnect);
        acts.put(Act.ROTATE_KEYS, ignored -> keys.rotate());
        acts.put(Act.CHANGE_SECRET, secrets::change);
        acts.put(Act.END_TENANT, ends::end);
    }

    /** The acts of one more round, in an order that follows from {@code random}. */
    static List<Act> round(Random random) {
        List<Act> round = new ArrayList<>(ROUND);
        Collections.shuffle(round, random);
        return round;
    }

    /** Acts through one round; in the long form through more, until {@code clock} has run down. Blocks. */
    void act(RunClock clock) throws InterruptedException {
        do {
            for (Act act : round(random)) {
                begin(act);
                Thread.sleep(full ? random.nextInt(1_500, 4_000) : random.nextInt(200, 800));
            }
        } while (full && clock.runs());
    }

    private void begin(Act act) {
        world.events().add("act", "what", act);
        order.add(act);
        Random its = new Random(random.nextLong());
        running.add(threads.submit(() -> {
            acts.get(act).now(its);
            done.add(act);
            return null;
        }));
    }

    private void revoke(Random its) throws InterruptedException {
        try (Http http = new Http()) {
            for (int i = 0; i < SEVERAL; i++) {
                Account account = pick(its);
                RunClock patience = new RunClock(PATIENCE_S);
                while (!world.driver().revoke(http, account)) {
                    if (!patience.runs()) {
                        throw new IllegalStateException("an account could not be revoked in " + PATIENCE_S + " s");
                    }
                    Thread.sleep(200);
                }
                revoked.add(account);
            }
        }
    }

    /** Those that were revoked, and one whose grant lives. */
    private void reconnect(Random its) throws InterruptedException {
        try (Http http = new Http()) {
            connectAgain(http);
            Account living = pick(its);
            try {
                world.driver().connect(http, living);
            } finally {
                living.reconnecting.set(false);
            }
        }
    }

    private void connectAgain(Http http) throws InterruptedException {
        for (Account each = revoked.poll(); each != null; each = revoked.poll()) {
            try {
                world.driver().connect(http, each);
            } finally {
                each.reconnecting.set(false);
            }
        }
    }

    /** An account that nobody else changes until its flag is cleared. */
    private Account pick(Random its) throws InterruptedException {
        while (true) {
            List<Account> all = world.accounts().all();
            Account account = all.get(its.nextInt(all.size()));
            if (!account.ended && account.reconnecting.compareAndSet(false, true)) {
                return account;
            }
            Thread.sleep(10);
        }
    }

    /** Waits for what was begun, looks whether it had effect, and leaves every living account connected. */
    List<Finding> finish() throws Exception {
        Finding finding = new Finding("S21", "people and operators act while things go wrong");
        for (Future<?> each : running) {
            try {
                each.get(PATIENCE_S, TimeUnit.SECONDS);
            } catch (ExecutionException | TimeoutException e) {
                finding.violation("an act of an operator failed: %s", e.getCause() == null ? e : e.getCause());
            }
        }
        finding.note("in this order: %s", order);
        for (Act act : Act.values()) {
            finding.tally("acts " + act, 1)
                    .add(done.stream().filter(act::equals).count());
        }
        try (Http http = new Http()) {
            revoke(random);
            Thread.sleep(1_500);
            List<Account> gone = new ArrayList<>(revoked);
            gone.addAll(ends.awaitForgotten());
            for (Replica replica : world.replicas()) {
                gone.forEach(each -> world.driver().ask(http, replica, each));
            }
            connectAgain(http);
        }
        threads.shutdownNow();
        return List.of(finding, keys.finding(), secrets.finding(), ends.finding());
    }
}
