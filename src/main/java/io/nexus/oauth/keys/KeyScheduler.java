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

/** Runs the scheduled jobs of the master keys. A failed job is retried at its next interval. */
@ApplicationScoped
class KeyScheduler {

    private static final Logger LOG = Logger.getLogger(KeyScheduler.class);

    private static final Duration DEADLINE = Duration.ofSeconds(30);

    /** For jobs of many statements, each with a deadline of its own. */
    private static final Duration NO_DEADLINE = Duration.ofDays(30);

    private static final Duration JOIN_TIMEOUT = Duration.ofSeconds(5);
    private static final Duration LEAVE_TIMEOUT = Duration.ofSeconds(3);

    private final KeyFileWatcher files;
    private final ReplicaKeys replicas;
    private final KeyRotation rotation;
    private final KeyReferences references;
    private final MasterKeys keys;
    private final CancellationShield shield;

    KeyScheduler(
            KeyFileWatcher files,
            ReplicaKeys replicas,
            KeyRotation rotation,
            KeyReferences references,
            MasterKeys keys,
            CancellationShield shield) {
        this.files = files;
        this.replicas = replicas;
        this.rotation = rotation;
        this.references = references;
        this.keys = keys;
        this.shield = shield;
    }

    /**
     * Reads the keys of the other replicas before anything is sealed, because they could not open a secret under an unknown
     * key. The service also starts without a database. Blocks for 5 s at most.
     */
    void start(@Observes StartupEvent event) throws InterruptedException {
        try {
            shield.start(this::watch).get(JOIN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warnf(
                    "The master keys of the other replicas are not known yet; the service retries: %s", e.getMessage());
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
                () -> files.rereadWhenDue().chain(replicas::announceWhenDue).invoke(announced -> {
                    if (announced) {
                        keys.publish();
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
                NO_DEADLINE,
                () -> shield.run(() -> rotation.work(shield)).invoke(keys::publish));
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
                NO_DEADLINE,
                () -> references.count().invoke(() -> {
                    references.latest().ifPresent(found -> files.dropUnused(found.began(), keys::refers));
                    keys.publish();
                }));
    }

    /** Leaves after running work has ended and before the pools close, or the others would count this replica for a minute. */
    void stop(@Observes @Priority(ShutdownOrder.WITHDRAW_KEYS) ShutdownEvent event) throws InterruptedException {
        try {
            shield.start(replicas::leave).get(LEAVE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.debugf("This replica could not sign off; the others detect its stop by themselves: %s", e.getMessage());
        }
    }
}
