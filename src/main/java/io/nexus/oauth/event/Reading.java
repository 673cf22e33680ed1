package io.nexus.oauth.event;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How things stand in this process, for metrics and health: the latest of a kind counts. Every text is from a closed set. */
public sealed interface Reading {

    /**
     * The gates in front of one provider; the worst of its clients.
     *
     * @param circuit {@code closed}, {@code half_open} or {@code open}
     * @param reason the code of what opened it, or null
     * @param limit how many requests may be under way, over all clients
     * @param inFlight how many are
     */
    record Gate(String provider, String circuit, @Nullable String reason, int limit, int inFlight) implements Reading {}

    /**
     * What the schedule has not done yet at one provider, over all replicas.
     *
     * @param overdue credentials due for longer than 30 s, counted to 10,001
     * @param lag for how long the oldest of all is due
     */
    record Backlog(String provider, long overdue, Duration lag) implements Reading {}

    /**
     * The schedule's pulse.
     *
     * @param stalled false when a tick ended, true when none did for too long
     */
    record Beat(boolean stalled) implements Reading {}
}
