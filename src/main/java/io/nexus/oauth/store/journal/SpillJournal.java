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
 * Keeps answers of rotating providers on this machine's disk between their arrival and the commit: the provider has forgotten the old
 * refresh token by then, so an answer that is lost is a grant that is lost. What a process leaves behind is taken over by the next one,
 * or by another replica that uses the same directory.
 *
 * <p>No method blocks, but for the start and the stop; the files belong to a thread of their own. Payloads are sealed by who appends
 * them and opaque here. Nothing that is not settled is ever deleted.
 */
@ApplicationScoped
public class SpillJournal {

    private static final Logger LOG = Logger.getLogger(SpillJournal.class);
    private static final long SMALLEST = 4L << 20;
    private static final Duration RETRY = Duration.ofSeconds(5);
    private static final Duration LOOK = Duration.ofSeconds(30);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final JournalWriter.Settings settings;
    private final Clock clock;
    private final JournalIndex index = new JournalIndex();
    private final JournalWriter writer;
    private final Thread thread;
    private volatile boolean replayed;

    /**
     * How the journal is doing.
     *
     * @param writable see {@link #isWritable()}
     * @param unsettled entries that are not known to be in the database
     * @param waiting appends that are not on the disk yet
     * @param usedShare how much of the space unsettled entries take, 0 to 1
     * @param replayed whether what earlier processes left was brought to the database
     * @param reason why it is not writable, with the path and the key to change; null when it is
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
                        expanded(config.directory()), config.size().asLongValue(), RETRY, LOOK),
                clock,
                JournalDisk.REAL);
        if (settings.size() < SMALLEST) {
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

    /** Takes over what is there before anybody asks for it. Blocks for some seconds at most; starts without a disk too. */
    void start(@Observes @Priority(1) StartupEvent event) throws InterruptedException {
        open();
    }

    /** Ends after who may still append: work under way is finished first. */
    void stop(@Observes @Priority(ShutdownOrder.CLOSE_JOURNAL) ShutdownEvent event) throws InterruptedException {
        close();
    }

    void open() throws InterruptedException {
        thread.start();
        if (!writer.awaitFirstTry(PATIENCE)) {
            LOG.warnf("%s is slow to open (nexus.oauth.journal.directory)", settings.directory());
        }
    }

    void close() throws InterruptedException {
        writer.stop();
        thread.join(PATIENCE.toMillis());
        if (thread.isAlive()) {
            LOG.errorf("the journal in %s did not close in time", settings.directory());
        }
    }

    /**
     * Completes when the entry is on the disk, on the Vert.x context of who subscribed. Starts with each subscription and is not undone
     * when the subscriber leaves. Fails with {@link io.nexus.oauth.credential.StorageException} when the disk refuses or the journal is
     * full; the entry may be on the disk all the same. Is tried even when {@link #isWritable()} says no: an answer that is there has to
     * go somewhere.
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

    /** The attempt's answer is in the database, or was superseded there. Losing that in a crash only means to find it out again. */
    public void settle(UUID attempt) {
        boolean known = index.settle(attempt);
        if (known || !index.knows(attempt)) {
            writer.settle(attempt, known);
        }
    }

    /** What is not known to be in the database, oldest first. */
    public List<JournalEntry> unsettled() {
        return index.unsettled();
    }

    /**
     * What was appended in the last 15 minutes, settled or not, and whatever is older and unsettled; oldest first. A database that
     * fails over may forget a commit. Less is remembered of what is settled when the space is needed, and nothing after a restart.
     */
    public List<JournalEntry> remembered() {
        return index.remembered(clock.instant());
    }

    /** The ids of the keys that {@link #unsettled()} is sealed under. Looks at each entry: not for an event loop. */
    public Set<String> keyIds() {
        return index.keyIds();
    }

    /** Names the directory, on whichever machine it is: whoever has the same takes over what is left there. */
    public String place() {
        return writer.place();
    }

    /** The remembered entry of a credential with the highest epoch. */
    public Optional<JournalEntry> newest(CredentialKey key) {
        return index.newest(key, clock.instant());
    }

    /** Whether an answer that is going to be asked for can be kept. False is for who has not asked yet. */
    public boolean isWritable() {
        return writer.reason() == null;
    }

    /** Whether the files were opened and what dead processes left beside them was taken over, as far as there is room. */
    public boolean isComplete() {
        return writer.hasAdopted();
    }

    /** What earlier processes left was brought to the database once. */
    public void replayed() {
        replayed = true;
    }

    /** For health and metrics. */
    public Status status() {
        String reason = writer.reason();
        double share = (double) index.unsettledBytes() / settings.size();
        return new Status(reason == null, index.unsettledCount(), writer.waiting(), share, replayed, reason);
    }
}
