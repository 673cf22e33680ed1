package io.nexus.oauth.store.journal;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.JournalEntry;
import io.nexus.oauth.event.ShutdownOrder;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Keeps token responses of rotating providers on the local disk between their arrival and the commit. The provider has
 * invalidated the old refresh token by then, so a lost response is a lost grant. The next process, or another replica
 * with the same directory, takes over the files of an ended process.
 *
 * <p>Only start and stop block; a separate thread uses the files. The caller seals the payloads, which are opaque here.
 * Unsettled entries are never deleted.
 */
@ApplicationScoped
public class SpillJournal {

    private static final Logger LOG = Logger.getLogger(SpillJournal.class);
    private static final long MIN_SIZE = 4L << 20;
    private static final Duration REOPEN_INTERVAL = Duration.ofSeconds(5);
    private static final Duration TAKEOVER_INTERVAL = Duration.ofSeconds(30);
    private static final Duration OPEN_CLOSE_TIMEOUT = Duration.ofSeconds(10);

    private final JournalWriter.Settings settings;
    private final Clock clock;
    private final JournalIndex index = new JournalIndex();
    private final JournalWriter writer;
    private final Thread thread;
    private volatile boolean replayed;

    /**
     * The state of the journal.
     *
     * @param writable see {@link #isWritable()}
     * @param unsettled entries that are not known to be in the database
     * @param waiting appends that are not on the disk yet
     * @param usedShare the share of the space that unsettled entries take, 0 to 1
     * @param replayed whether the entries of earlier processes were replayed into the database
     * @param reason why it is not writable, with the path and the configuration key; null when it is
     */
    public record Status(
            boolean writable,
            int unsettled,
            int waiting,
            double usedShare,
            boolean replayed,
            @Nullable String reason) {}

    @Inject
    SpillJournal(JournalConfig config, Clock clock) {
        this(
                new JournalWriter.Settings(
                        expanded(config.directory()), config.size().asLongValue(), REOPEN_INTERVAL, TAKEOVER_INTERVAL),
                clock,
                JournalDisk.REAL);
        if (settings.size() < MIN_SIZE) {
            throw new ConfigurationException("nexus.oauth.journal.size is less than 4M, which holds too few answers");
        }
    }

    SpillJournal(JournalWriter.Settings settings, Clock clock, JournalDisk disk) {
        this.settings = settings;
        this.clock = clock;
        this.writer = new JournalWriter(settings, index, clock, disk);
        this.thread = new Thread(writer, "spill-journal");
        thread.setDaemon(true);
    }

    private static Path expanded(String directory) {
        String path = directory.startsWith("~/") ? System.getProperty("user.home") + directory.substring(1) : directory;
        return Path.of(path).toAbsolutePath().normalize();
    }

    /**
     * Opens the files and takes over existing ones before the first use. Blocks for 10 seconds at most; the service
     * also starts without a working disk.
     */
    void start(@Observes @Priority(1) StartupEvent event) throws InterruptedException {
        open();
    }

    /**
     * Closes the files after all running work has ended, because it may still append. Blocks for 10 seconds at most.
     */
    void stop(@Observes @Priority(ShutdownOrder.CLOSE_JOURNAL) ShutdownEvent event) throws InterruptedException {
        close();
    }

    void open() throws InterruptedException {
        thread.start();
        if (!writer.awaitFirstTry(OPEN_CLOSE_TIMEOUT)) {
            LOG.warnf("%s is slow to open (nexus.oauth.journal.directory)", settings.directory());
        }
    }

    void close() throws InterruptedException {
        writer.stop();
        thread.join(OPEN_CLOSE_TIMEOUT.toMillis());
        if (thread.isAlive()) {
            LOG.errorf("the journal in %s did not close in time", settings.directory());
        }
    }

    /**
     * Appends an entry. Completes when it is on the disk, on the subscriber's Vert.x context. Each subscription
     * appends; cancellation does not undo it. Fails with {@link io.nexus.oauth.credential.StorageException} when the
     * disk fails or the journal is full; the entry may still be on the disk. Also tries when {@link #isWritable()} is
     * false, because the response has already arrived.
     */
    public Uni<Void> append(JournalEntry entry) {
        return Uni.createFrom().emitter(emitter -> {
            Context caller = Vertx.currentContext();
            writer.append(
                    entry,
                    failure -> onContext(caller, () -> {
                        if (failure == null) {
                            emitter.complete(null);
                        } else {
                            emitter.fail(failure);
                        }
                    }));
        });
    }

    private static void onContext(@Nullable Context context, Runnable action) {
        if (context == null) {
            action.run();
        } else {
            context.runOnContext(ignored -> action.run());
        }
    }

    /**
     * Records that the attempt's response is in the database, or that a newer one is. A crash may lose this record;
     * then the entry is replayed again.
     */
    public void settle(UUID attempt) {
        boolean known = index.settle(attempt);
        if (known || !index.contains(attempt)) {
            writer.settle(attempt, known);
        }
    }

    /** The entries that are not known to be in the database, newest first. */
    public List<JournalEntry> unsettled() {
        return index.unsettled();
    }

    /**
     * The entries of the last 15 minutes, settled or not, and all older unsettled ones; newest first. They are needed
     * after a failover, which may lose commits. They outlive a restart. Settled entries are dropped earlier when space
     * is short.
     */
    public List<JournalEntry> remembered() {
        return index.remembered(clock.instant());
    }

    /** The ids of the keys that seal {@link #unsettled()}. Visits each entry: do not call it on an event loop. */
    public Set<String> keyIds() {
        return index.keyIds();
    }

    /** The unique name of the directory across machines. A replica with the same name takes over the files in it. */
    public String directoryName() {
        return writer.directoryName();
    }

    /** The entry of {@link #remembered()} with the credential's highest epoch; empty when there is none. */
    public Optional<JournalEntry> newest(CredentialKey key) {
        return index.newest(key, clock.instant());
    }

    /**
     * Whether the journal can keep a response. The service checks it before it sends a request to a rotating provider.
     */
    public boolean isWritable() {
        return writer.reason() == null;
    }

    /** Whether the files are open and those of ended processes were taken over, as far as there is room. */
    public boolean isComplete() {
        return writer.orphans().isComplete();
    }

    /** How many ended processes left files in the directory that this one took over as a whole; grows only. */
    public int takeovers() {
        return writer.orphans().count();
    }

    /** Whether this process has taken over all that others left in the directory, and none of them runs. */
    public boolean isAlone() {
        return writer.orphans().isAlone();
    }

    /** Records that the entries of earlier processes were replayed into the database. */
    public void replayed() {
        replayed = true;
    }

    /** The state for health and metrics. */
    public Status status() {
        String reason = writer.reason();
        double share = (double) index.unsettledBytes() / settings.size();
        return new Status(reason == null, index.unsettledCount(), writer.waiting(), share, replayed, reason);
    }
}
