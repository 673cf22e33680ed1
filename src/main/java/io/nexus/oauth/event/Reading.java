package io.nexus.oauth.event;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A measured state, for metrics and health: of this process, or of all replicas where the case says so. The latest of each
 * kind counts. Every text is from a closed set.
 */
public sealed interface Reading {

    /**
     * The client limiters of one provider; the worst state of its clients counts.
     *
     * @param circuit {@code closed}, {@code half_open} or {@code open}
     * @param reason the code of the failure that opened it, or null
     * @param limit the allowed number of concurrent requests, over all clients
     * @param inFlight the number of concurrent requests now
     */
    record ClientLimits(
            String provider, String circuit, @Nullable String reason, int limit, int inFlight) implements Reading {}

    /**
     * The refreshes that are overdue at one provider, over all replicas.
     *
     * @param overdue credentials due for longer than 30 s, counted to 10,001
     * @param lag how long the oldest of them has been due
     */
    record Backlog(String provider, long overdue, Duration lag) implements Reading {}

    /**
     * The heartbeat of the refresh scheduler.
     *
     * @param stalled false when a run ended, true when none ended for too long
     */
    record SchedulerHeartbeat(boolean stalled) implements Reading {}

    /** The number of credentials per status, and of active ones that end soon: all in the database, at the last count. */
    record Connections(List<Count> counts, List<Ending> ending) implements Reading {
        /** Copies the lists. */
        public Connections {
            counts = List.copyOf(counts);
            ending = List.copyOf(ending);
        }
    }

    /**
     * Grants of one provider that end soon and that only their users can renew.
     *
     * @param within {@code 24h}, {@code 7d} or {@code 30d}; only grants whose lifetime was longer than that
     */
    record Ending(String provider, String within, long grants) {}

    /**
     * Credentials of one provider with one status.
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
     * @param role {@code sealing}, {@code opens}, {@code kept} (in memory, in no file any more), {@code elsewhere}
     *     (only other replicas hold it), {@code foreign} (only other replicas hold it, and they seal with it) or {@code
     *     missing} (no replica holds it)
     * @param rows the number of rows per table that refer to it, at the last count
     */
    record Key(String id, String role, Map<String, Long> rows) {
        /** Copies the counts. */
        public Key {
            rows = Map.copyOf(rows);
        }
    }
}
