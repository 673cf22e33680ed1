package io.nexus.oauth.keys;

import io.nexus.oauth.event.ShutdownOrder;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.store.execution.ScheduledRun;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/** The regular work on the master keys. What fails is tried again at the next turn. */
@ApplicationScoped
class KeyScheduler {

    private static final Logger LOG = Logger.getLogger(KeyScheduler.class);

    private static final Duration DEADLINE = Duration.ofSeconds(30);

    /** Each of their statements has a deadline of its own, and a large installation has many. */
    private static final Duration NO_END = Duration.ofDays(30);

    private static final Duration JOINING = Duration.ofSeconds(5);
    private static final Duration LEAVING = Duration.ofSeconds(3);

    private final KeyFileWatcher watch;
    private final ReplicaKeys replicas;
    private final KeyRotation rotator;
    private final KeyReferences references;
    private final MasterKeys keys;
    private final CancellationShield shield;

    KeyScheduler(
            KeyFileWatcher watch,
            ReplicaKeys replicas,
            KeyRotation rotator,
            KeyReferences references,
            MasterKeys keys,
            CancellationShield shield) {
        this.watch = watch;
        this.replicas = replicas;
        this.rotator = rotator;
        this.references = references;
        this.keys = keys;
        this.shield = shield;
    }

    /** What is sealed before it was heard what the others hold may not open there, so that comes first. Without a database it starts too. */
    void start(@Observes StartupEvent event) throws InterruptedException {
        try {
            shield.start(this::watch).get(JOINING.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warnf("it was not heard yet what the other replicas hold: %s", e.getMessage());
        }
    }

    @Scheduled(
            every = "1s",
            identity = "watch-keys",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> watch() {
        return ScheduledRun.of(
                LOG,
                "keys of the replicas",
                DEADLINE,
                () -> watch.look().chain(replicas::announceWhenDue).invoke(announced -> {
                    if (announced) {
                        keys.tell();
                    }
                }));
    }

    @Scheduled(
            every = "5s",
            identity = "rotate-keys",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> rotate() {
        return ScheduledRun.of(
                LOG,
                "rotations of keys",
                NO_END,
                () -> shield.run(() -> rotator.work(shield)).invoke(keys::tell));
    }

    @Scheduled(
            every = "10m",
            delayed = "20s",
            identity = "count-ciphertexts",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> count() {
        return ScheduledRun.of(
                LOG,
                "counts of ciphertexts",
                NO_END,
                () -> references.count().invoke(() -> {
                    references.latest().ifPresent(found -> watch.release(found.began(), keys::refers));
                    keys.tell();
                }));
    }

    /** After the work in the air has ended and before the pools close: else the others would reckon with this one for a minute. */
    void stop(@Observes @Priority(ShutdownOrder.WITHDRAW_KEYS) ShutdownEvent event) throws InterruptedException {
        try {
            shield.start(replicas::leave).get(LEAVING.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.debugf("the other replicas find out by themselves that this one stopped: %s", e.getMessage());
        }
    }
}
