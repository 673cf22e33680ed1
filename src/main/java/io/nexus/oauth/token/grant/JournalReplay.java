package io.nexus.oauth.token.grant;

import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.store.connection.ChangeFeed;
import io.nexus.oauth.store.execution.CancellationShield;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Brings answers from the journal into the database: at the start, before this replica is ready; regularly; and whenever the database
 * came back, because one that failed over may have forgotten commits. Safe to repeat, the epoch decides.
 */
@ApplicationScoped
class JournalReplay implements ChangeFeed.Listener {

    private static final Logger LOG = Logger.getLogger(JournalReplay.class);

    /** The journal is written faster than it is read back, and the database has more to do. */
    private static final int AT_ONCE = 4;

    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private final GrantJournal journal;
    private final GrantPersister persister;
    private final SingleFlight<String, Boolean> flight;

    JournalReplay(GrantJournal journal, GrantPersister persister, CancellationShield shield, ChangeFeed feed) {
        this.journal = journal;
        this.persister = persister;
        this.flight = new SingleFlight<>(shield, 1);
        feed.listen(this);
    }

    void start(@Observes StartupEvent event) {
        begin("start", journal::unsettled);
    }

    @Scheduled(
            every = "30s",
            identity = "replay-journal",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    void regularly() {
        begin("left", journal::unsettled);
    }

    /** The database was away. */
    @Override
    public void missed() {
        begin("all", journal::remembered);
    }

    @Override
    public void changed(UUID id) {
        // another replica's business
    }

    private void begin(String name, Supplier<List<GrantJournal.Left>> left) {
        flight.begin(name, () -> {
            boolean complete =
                    journal.isComplete(); // before looking: what is taken over meanwhile is for the next time
            return replay(left.get(), complete);
        });
    }

    private Uni<Boolean> replay(List<GrantJournal.Left> left, boolean complete) {
        return Multi.createFrom()
                .iterable(left)
                .onItem()
                .transformToUni(persister::replay)
                .merge(AT_ONCE)
                .filter(changed -> changed)
                .collect()
                .with(java.util.stream.Collectors.counting())
                .ifNoItem()
                .after(DEADLINE)
                .fail()
                .invoke(stored -> {
                    if (complete) {
                        journal.replayed();
                    }
                    if (stored > 0) {
                        LOG.infof("%d tokens of %d in the journal were stored", stored, left.size());
                    }
                })
                .replaceWith(true)
                .onFailure()
                .invoke(e -> LOG.warnf(
                        "%d tokens in the journal wait for the database: %s",
                        left.size(), e instanceof StorageException ? e.getMessage() : e.toString()))
                .onFailure()
                .recoverWithItem(false);
    }
}
