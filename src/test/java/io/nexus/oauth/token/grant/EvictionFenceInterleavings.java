package io.nexus.oauth.token.grant;

import static io.nexus.oauth.testing.Interleavings.all;
import static io.nexus.oauth.testing.Interleavings.check;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;

/** Scenarios of {@link EvictionFence} for {@link io.nexus.oauth.testing.Interleavings}: a row changes from version 1 to version 2. */
public final class EvictionFenceInterleavings {

    private static final String KEY = "key";

    private EvictionFenceInterleavings() {}

    /** Once this replica knows of the change, nobody gets the older token from the cache, not even for a moment. */
    public static class NobodyGetsAnOlderTokenAfterAChange extends Replica {

        @Operation
        public void run() {
            Runnable read = begin();
            all(read, () -> {
                change();
                check(cached() != 1, "the older token was cached");
            });
            check(cached() != 1, "the older token stays");
        }
    }

    /** Two reads and a change; one read may put what another has just fenced. */
    public static class NoReadBringsAnOlderTokenBack extends Replica {

        @Operation
        public void run() {
            all(this::read, this::read, this::change);
            check(cached() != 1, "the older token stays");
        }
    }

    /** The notification was lost, so everything is evicted. */
    public static class NoOlderTokenStaysAfterAMiss extends Replica {

        @Operation
        public void run() {
            all(this::read, this::changeUnnoticed);
            check(cached() != 1, "the older token stays");
        }
    }

    /** A read after the change is cached: the fence is no wall. */
    public static class ALaterReadIsCached extends Replica {

        @Operation
        public void run() {
            all(this::read, this::change);
            read();
            check(cached() == 2, "the newer token is not cached");
        }
    }

    /** One row of the database and its place in the cache of a replica. */
    abstract static class Replica {

        private final AtomicInteger row = new AtomicInteger(1);
        private final ConcurrentHashMap<String, Integer> entries = new Entries();
        private final EvictionFence<String, Integer> fence = new EvictionFence<>(entries);

        /** As {@link CredentialCache} reads. */
        void read() {
            begin().run();
        }

        /** Reads the row; the result caches it. */
        Runnable begin() {
            long before = fence.evictions();
            int found = row.get();
            return () -> fence.put(KEY, found, before);
        }

        /** Another replica commits; its notification comes. */
        void change() {
            row.set(2);
            fence.evict(KEY);
        }

        void changeUnnoticed() {
            row.set(2);
            fence.evictAll();
        }

        /** The version that a caller gets; 0 when none is cached. */
        int cached() {
            return entries.getOrDefault(KEY, 0);
        }
    }

    /** Clears as Caffeine does: what comes in after the list is made stays. */
    private static final class Entries extends ConcurrentHashMap<String, Integer> {

        @Override
        public void clear() {
            List.copyOf(keySet()).forEach(this::remove);
        }
    }
}
