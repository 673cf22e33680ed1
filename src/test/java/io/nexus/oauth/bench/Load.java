package io.nexus.oauth.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Many callers, each with one request after the other. */
final class Load {

    private Load() {}

    /** What a caller does for its turn with the number {@code index}. */
    interface Work {
        void run(int index) throws Exception;
    }

    /** Makes a caller's work, with what it keeps from one turn to the next. */
    interface Caller {
        Work start(int caller) throws Exception;
    }

    /** How it went: the nanoseconds of each turn, sorted. */
    record Result(double seconds, long[] nanos) {
        double perSecond() {
            return nanos.length / seconds;
        }

        double millisAt(double quantile) {
            return nanos.length == 0 ? 0 : nanos[(int) (quantile * (nanos.length - 1))] / 1e6;
        }
    }

    /** Goes on until {@code most} turns are begun or {@code seconds} are over. */
    static Result run(int callers, int most, long seconds, Caller caller) throws Exception {
        AtomicInteger next = new AtomicInteger();
        long began = System.nanoTime();
        long end = began + TimeUnit.SECONDS.toNanos(seconds);
        List<long[]> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(callers)) {
            List<Future<long[]>> futures = new ArrayList<>();
            for (int i = 0; i < callers; i++) {
                int number = i;
                futures.add(threads.submit(() -> turns(caller.start(number), next, most, end)));
            }
            for (Future<long[]> future : futures) {
                all.add(future.get(seconds + 60, TimeUnit.SECONDS));
            }
        }
        double lasted = (System.nanoTime() - began) / 1e9;
        return new Result(
                lasted, all.stream().flatMapToLong(Arrays::stream).sorted().toArray());
    }

    private static long[] turns(Work work, AtomicInteger next, int most, long end) throws Exception {
        long[] took = new long[256];
        int count = 0;
        for (int index = next.getAndIncrement(); index < most; index = next.getAndIncrement()) {
            long began = System.nanoTime();
            if (began >= end) {
                break;
            }
            work.run(index);
            took = count == took.length ? Arrays.copyOf(took, 2 * count) : took;
            took[count++] = System.nanoTime() - began;
        }
        return Arrays.copyOf(took, count);
    }
}
