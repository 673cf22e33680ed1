package io.nexus.oauth.token.grant;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.store.connection.ChangeFeed;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.store.execution.StatementExecutor;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Stores token responses from the journal in the database: at the start, before this replica is ready; every 30 s; and
 * whenever the database is available again, because one that failed over may have lost commits. Newest responses come first.
 * Safe to repeat: the epoch fences old responses.
 */
@ApplicationScoped
class JournalReplay implements ChangeFeed.Listener {

    private static final Logger LOG = Logger.getLogger(JournalReplay.class);

    /** Few, because the database serves requests at the same time. */
    private static final int MAX_CONCURRENT = 4;

    /** More records with bad data are no fault of single records. */
    private static final int MAX_UNSTORABLE = 20;

    private static final Duration DEADLINE = Duration.ofMinutes(5);

    private final GrantJournal journal;
    private final GrantPersister persister;
    private final ChangeFeed feed;
    private final SingleFlight<String, Boolean> flight;
    private volatile int replayedTakeovers;

    JournalReplay(GrantJournal journal, GrantPersister persister, CancellationShield shield, ChangeFeed feed) {
        this.journal = journal;
        this.persister = persister;
        this.flight = new SingleFlight<>(shield, 1);
        this.feed = feed;
        feed.listen(this);
    }

    void start(@Observes StartupEvent event) {
        replayUnsettled("start");
    }

    @Scheduled(
            every = "30s",
            identity = "replay-journal",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    void replayPeriodically() {
        if (journal.takeovers() == replayedTakeovers) {
            replayUnsettled("left");
        } else {
            replayAll();
        }
    }

    /** The database was unavailable and may have lost commits. */
    @Override
    public void missed() {
        replayAll();
    }

    @Override
    public void unreplayed() {
        if (journal.expectedResponses() == 0) {
            replayAll();
        }
    }

    @Override
    public void changed(UUID id) {
        // a change of one credential does not concern the journal
    }

    private void replayUnsettled(String name) {
        flight.begin(
                name,
                () -> replay(
                        journal.unsettled().stream()
                                .filter(entry -> !persister.isStoring(entry))
                                .toList(),
                        journal.isComplete()));
    }

    /**
     * Replays what a database that failed over may lack, also what is being stored: that commit may have gone to the old copy. Records for
     * the other replicas that this is done, unless a response can still come.
     */
    private void replayAll() {
        flight.begin("all", () -> {
            // asked before the read: records taken over meanwhile, or another copy, want another replay
            boolean complete = journal.isComplete();
            boolean quiet = journal.expectedResponses() == 0;
            int takeovers = journal.takeovers();
            boolean alone = journal.isAlone();
            UUID copy = feed.copy();
            return replay(journal.remembered(), complete).invoke(done -> {
                if (done && complete && quiet) {
                    replayedTakeovers = takeovers;
                    if (copy != null) {
                        feed.replayed(new ChangeFeed.Replay(copy, alone));
                    }
                }
            });
        });
    }

    private Uni<Boolean> replay(List<GrantJournal.Entry> entries, boolean complete) {
        Set<CredentialKey> seen = new HashSet<>();
        List<GrantJournal.Entry> newest = new ArrayList<>();
        List<GrantJournal.Entry> older = new ArrayList<>(); // the fence rejects these then
        for (GrantJournal.Entry entry : entries) {
            (seen.add(entry.fence().key()) ? newest : older).add(entry);
        }
        AtomicInteger unstorable = new AtomicInteger();
        return Multi.createBy()
                .concatenating()
                .streams(store(newest, unstorable), store(older, unstorable))
                .filter(changed -> changed)
                .collect()
                .with(Collectors.counting())
                .ifNoItem()
                .after(DEADLINE)
                .fail()
                .invoke(stored -> {
                    if (complete) {
                        journal.replayed();
                    }
                    if (stored > 0) {
                        LOG.infof("The service stored %d of %d tokens from the journal", stored, entries.size());
                    }
                })
                .replaceWith(true)
                .onFailure()
                .invoke(e -> LOG.warnf(
                        "%d tokens stay in the journal until the database is available: %s",
                        entries.size(), e instanceof StorageException ? e.getMessage() : e.toString()))
                .onFailure()
                .recoverWithItem(false);
    }

    private Multi<Boolean> store(List<GrantJournal.Entry> entries, AtomicInteger unstorable) {
        return Multi.createFrom()
                .iterable(entries)
                .onItem()
                .transformToUni(entry -> persister
                        .replay(entry)
                        .onFailure(
                                e -> StatementExecutor.isDataError(e) && unstorable.incrementAndGet() < MAX_UNSTORABLE)
                        .recoverWithItem(e -> {
                            LOG.errorf(
                                    "Credential %s: its journal record cannot be stored (%s) and stays in the journal",
                                    entry.fence().key().id(), e.getMessage());
                            return false;
                        }))
                .merge(MAX_CONCURRENT);
    }
}
