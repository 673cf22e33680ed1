package io.nexus.oauth.rig;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The faults that a world meets while its callers go on. Each ends its faults by itself after about the seconds given. */
enum Scenario {
    S1("baseline: nothing goes wrong", ProviderFaults::nothing),
    S2("the provider's dice: answers lost, late, dripping, broken, odd", ProviderFaults::dice),
    S3("a replica is killed every ten seconds", ReplicaFaults::kill),
    S4("the postmaster is killed again and again", DatabaseFaults::kill),
    S5("PostgreSQL stands still for seconds", DatabaseFaults::pause),
    S6("a replica stands still for longer than its lease", ReplicaFaults::pause),
    S7("the answer to a commit is lost", DatabaseFaults::cutCommits),
    S8("one replica loses the database", DatabaseFaults::partition),
    S9("the provider's answers are cut on the way", ProviderFaults::cutAnswers),
    S10("a replica dies at each point of a refresh", ReplicaFaults::killPoints),
    S11("notifications are lost with their connection", DatabaseFaults::deafen),
    S12("a replica's clock is wrong, and steps back an hour", WrongClocks::run),
    S13("rolling restart by SIGTERM", ReplicaFaults::rollingRestart),
    S14("storm of revocations and reconnects", Administration::revocations),
    S15("the master key is rotated", Administration::rotateKeys),
    S16("a thousand callers on one expired credential", Herds::oneCredential),
    S17("all is due at once after an outage of the provider", Herds::backlog),
    S18("callers hang up by the hundred", Herds::hangUps),
    S19("a replica has no disk for its journal", ReplicaFaults::noJournalDisk),
    S20("the database comes back from an older copy", DatabaseFaults::olderCopy),
    S21("all of it in random order", Soak::run),
    S22("the primary dies with commits that its standby lacks", Failovers::promote),
    S23("an answer comes after its credential was revoked", Crossings::run),
    S24("codes are traded while the database is away", ConnectOutage::run),
    LATE("a request arrives seconds after its client gave it up", ProviderFaults::lateRequests),
    ZOMBIE("an answer is stored long after its lease", ReplicaFaults::lateStores);

    /** Injects faults, and gives the findings beside the invariants. */
    interface Injection {
        /** Runs for about {@code run.seconds()}. */
        List<Finding> into(World world, Run run) throws Exception;
    }

    /**
     * How long and how hard.
     *
     * @param full the long form, for people and nights; the short one is for each build
     */
    record Run(long seconds, boolean full, Random random) {

        /** Begins to count the seconds. */
        RunClock clock() {
            return new RunClock(seconds);
        }
    }

    final String says;
    private final Injection injection;

    Scenario(String says, Injection injection) {
        this.says = says;
        this.injection = injection;
    }

    /** How many replicas a world of its own has. */
    int replicas() {
        return switch (this) {
            case S16 -> 3;
            case S22 -> 4;
            default -> 2;
        };
    }

    /** Whether its database is two servers under Patroni. */
    boolean wantsCluster() {
        return this == S22;
    }

    /** Whether the callers of the world go on meanwhile: a herd brings its own. */
    boolean wantsCallers() {
        return this != S16 && this != S17;
    }

    List<Finding> run(World world, Run run) throws Exception {
        world.events().add("scenario", "name", name(), "seconds", run.seconds());
        if (wantsCallers()) {
            world.driver().start(world.accounts().all(), 20, 40);
            awaitRefreshes(world, Minimums.refreshes(world.plan(), run.seconds()));
        }
        long from = Journal.micros();
        List<Finding> own = new ArrayList<>(injection.into(world, run));
        own.add(asked(world, from, Journal.micros()));
        world.calm(60);
        return own;
    }

    /** The fault begins when tokens end: those of new accounts live for longer than the short form of a fault lasts. */
    private static void awaitRefreshes(World world, long least) throws IOException, InterruptedException {
        Effect effect = new Effect(world);
        RunClock patience = new RunClock(60);
        while (patience.runs() && effect.provider(line -> line.event().equals("request")) < least) {
            patience.sleep(250);
        }
    }

    /** Where nothing is refreshed nothing can go wrong. */
    private Finding asked(World world, long from, long to) throws IOException {
        Finding finding = new Finding(name(), "the provider was asked for new tokens meanwhile");
        finding.tally("refresh requests during the fault", 1)
                .add(Journal.read(world.provider().log()).stream()
                        .filter(line -> line.event().equals("request") && line.t() > from && line.t() < to)
                        .count());
        return finding;
    }
}
