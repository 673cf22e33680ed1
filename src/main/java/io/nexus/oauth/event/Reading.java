package io.nexus.oauth.event;

import java.time.Duration;
import java.util.List;
import java.util.Map;
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

    /** How many credentials are in each state, and how many of the active ones end, as they were counted last. */
    record Connections(List<Count> counts, List<Ending> ending) implements Reading {
        /** Copies the lists. */
        public Connections {
            counts = List.copyOf(counts);
            ending = List.copyOf(ending);
        }
    }

    /**
     * Grants of one provider that end soon and that only their users can prolong.
     *
     * @param within {@code 24h}, {@code 7d} or {@code 30d}; only grants that were longer than that
     */
    record Ending(String provider, String within, long grants) {}

    /**
     * Credentials of one provider in one state.
     *
     * @param status {@code active}, {@code reauth_required} or {@code revoked}
     */
    record Count(String provider, String status, long credentials) {}

    /** The master keys as this replica sees them. */
    record Keys(List<Key> keys) implements Reading {
        /** Copies the list. */
        public Keys {
            keys = List.copyOf(keys);
        }
    }

    /**
     * A master key.
     *
     * @param id 8 hex digits
     * @param role {@code sealing}, {@code opens}, {@code kept} (in memory, in no file any more), {@code elsewhere} (only other
     *     replicas have it), {@code foreign} (only others have it and seal under it) or {@code missing} (nobody has it)
     * @param rows how many rows of each table refer to it, as they were counted last
     */
    record Key(String id, String role, Map<String, Long> rows) {
        /** Copies the counts. */
        public Key {
            rows = Map.copyOf(rows);
        }
    }
}
