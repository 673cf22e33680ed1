package io.nexus.oauth.testing;

import java.time.Duration;
import java.util.Map;

/**
 * One grant at a provider, with the rules by which its refresh tokens are spent: the one place of them for all providers of the
 * tests. It counts generations; the provider writes the generation into its tokens. Not safe for threads: the provider locks.
 */
public final class RotatingGrant {

    /**
     * How a provider treats refresh tokens.
     *
     * @param rotates whether each use replaces the refresh token; a second use after the grace ends the grant
     * @param grace how long the token before the newest gives a successor again
     * @param latestWins whether that successor is a new one; the earlier successor is dead then
     * @param killsAccessToken whether a refresh ends the earlier access tokens
     */
    public record Rule(boolean rotates, Duration grace, boolean latestWins, boolean killsAccessToken) {}

    /** A refresh token works once, without a grace. */
    public static final Rule STRICT = new Rule(true, Duration.ZERO, false, false);

    /** The rules by the id of the provider that has them. */
    public static final Map<String, Rule> RULES = Map.of(
            "strict", STRICT,
            "graceful", new Rule(true, Duration.ofSeconds(60), false, false),
            "latest", new Rule(true, Duration.ofSeconds(30), true, false),
            "steady", new Rule(false, Duration.ZERO, false, false),
            // no refresh token: the OAuth client asks again (RFC 6749 section 4.4)
            "machine", new Rule(false, Duration.ZERO, false, false),
            "killing", new Rule(true, Duration.ZERO, false, true));

    /** The outcome for a refresh token that was presented. */
    public enum Verdict {
        /** A new refresh token and a new access token. */
        ROTATED(true),
        /** A new access token; the refresh token stays. */
        KEPT(true),
        /** Inside the grace: the newest refresh token once more, and a new access token. */
        SUCCESSOR(true),
        /** Inside the grace: a newer refresh token than the first successor, and a new access token. */
        LATEST(true),
        /** A token that was spent before: the grant has ended. */
        REUSE(false),
        /** The grant had ended before. */
        DEAD(false);

        private final boolean granted;

        Verdict(boolean granted) {
            this.granted = granted;
        }

        /** Whether the answer has tokens. */
        public boolean isGranted() {
            return granted;
        }
    }

    private int generation = 1;
    private int access = 1;
    private int oldestLiveAccess = 1;
    private int replayable = -1;
    private long rotatedAt;
    private boolean dead;

    /**
     * Spends the refresh token of generation {@code presented}.
     *
     * @param keeps whether a token that is good stays as it is this time
     */
    public Verdict spend(Rule rule, int presented, boolean keeps) {
        Verdict verdict = verdict(rule, presented, keeps);
        if (verdict.isGranted()) {
            access++;
            if (rule.killsAccessToken()) {
                oldestLiveAccess = access;
            }
        }
        return verdict;
    }

    private Verdict verdict(Rule rule, int presented, boolean keeps) {
        if (dead) {
            return Verdict.DEAD;
        }
        if (!rule.rotates()) {
            return Verdict.KEPT;
        }
        if (presented == generation) {
            return keeps ? Verdict.KEPT : rotated(presented);
        }
        boolean late = System.nanoTime() - rotatedAt >= rule.grace().toNanos();
        if (presented != replayable || late) {
            dead = true; // reuse: the whole family ends
            return Verdict.REUSE;
        }
        if (rule.latestWins()) {
            generation++; // the earlier successor is dead; the token before it still finds its window
            return Verdict.LATEST;
        }
        return Verdict.SUCCESSOR;
    }

    private Verdict rotated(int presented) {
        generation++;
        replayable = presented;
        rotatedAt = System.nanoTime();
        return Verdict.ROTATED;
    }

    /** Ends it, as a revocation does. */
    public void end() {
        dead = true;
    }

    /** Whether a reuse or a revocation ended it. */
    public boolean isDead() {
        return dead;
    }

    /** The generation of the newest refresh token, from 1. */
    public int generation() {
        return generation;
    }

    /** The number of the newest access token, from 1. */
    public int access() {
        return access;
    }

    /** Whether the access token of this number works. */
    public boolean accepts(int number) {
        return !dead && number >= oldestLiveAccess && number <= access;
    }
}
