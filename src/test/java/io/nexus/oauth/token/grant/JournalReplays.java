package io.nexus.oauth.token.grant;

import jakarta.inject.Singleton;

/** Starts the replay of the journal when a test asks for it. */
@Singleton
public class JournalReplays {

    private final JournalReplay replay;

    JournalReplays(JournalReplay replay) {
        this.replay = replay;
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
