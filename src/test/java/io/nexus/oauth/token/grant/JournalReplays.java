package io.nexus.oauth.token.grant;

import jakarta.inject.Singleton;

/** Starts the replay of the journal when a test asks for it. */
@Singleton
public class JournalReplays {

    private final JournalReplay replay;
    private final GrantJournal journal;

    JournalReplays(JournalReplay replay, GrantJournal journal) {
        this.replay = replay;
        this.journal = journal;
    }

    /** The number of responses that a replay would wait for before it counts. */
    public int expectedResponses() {
        return journal.expectedResponses();
    }

    /** As the schedule does. */
    public void regularly() {
        replay.replayPeriodically();
    }

    /** As the change feed does after it lost its connection. */
    public void missed() {
        replay.missed();
    }
}
