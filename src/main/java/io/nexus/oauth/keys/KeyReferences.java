package io.nexus.oauth.keys;

import io.nexus.oauth.store.audit.ChainStore;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.store.keys.SealedRows;
import io.nexus.oauth.store.keys.SealedRows.Count;
import io.nexus.oauth.store.keys.SealedRows.RowKey;
import io.nexus.oauth.store.keys.SealedTable;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Counts which master keys the stored rows refer to, in pages with pauses between them. Does not block. */
@ApplicationScoped
class KeyReferences {

    private static final int PAGE = 2_000;
    private static final Duration PAUSE = Duration.ofMillis(10);

    private final SealedRows rows;
    private final ChainStore chain;
    private final CancellationShield shield;
    private final Clock clock;
    private final AtomicBoolean counting = new AtomicBoolean();
    private volatile @Nullable Result latest;

    /**
     * The result of a count.
     *
     * @param began when the count began, by {@link System#nanoTime()}
     * @param took how long the count took, in nanoseconds
     * @param endedAt when the count was complete
     * @param rows how many rows of each table refer to each key
     * @param audit the keys that each part of the audit trail needs; the trail is too long to be counted
     */
    record Result(
            long began,
            long took,
            Instant endedAt,
            Map<SealedTable, Map<String, Long>> rows,
            Map<String, Set<String>> audit) {
        long of(SealedTable table, String keyId) {
            return rows.getOrDefault(table, Map.of()).getOrDefault(keyId, 0L);
        }

        /** The parts of the audit trail that need the key. */
        List<String> audit(String keyId) {
            return audit.entrySet().stream()
                    .filter(part -> part.getValue().contains(keyId))
                    .map(Map.Entry::getKey)
                    .sorted()
                    .toList();
        }
    }

    private enum Step {
        ONE,
        LAST,
        GIVEN_UP
    }

    KeyReferences(SealedRows rows, ChainStore chain, CancellationShield shield, Clock clock) {
        this.rows = rows;
        this.chain = chain;
        this.shield = shield;
        this.clock = clock;
    }

    /** The result of the last complete count. */
    Optional<Result> latest() {
        return Optional.ofNullable(latest);
    }

    /** Counts now, unless a count is under way. Stops when the process shuts down. */
    Uni<Void> count() {
        return Uni.createFrom().deferred(() -> {
            if (!counting.compareAndSet(false, true)) {
                return Uni.createFrom().voidItem();
            }
            long began = System.nanoTime();
            Map<SealedTable, Map<String, Long>> found = new EnumMap<>(SealedTable.class);
            return walk(
                            List.of(SealedTable.values()),
                            (table, each) -> add(found.computeIfAbsent(table, ignored -> new HashMap<>()), each),
                            () -> Uni.createFrom().item(!shield.isStopping()))
                    .chain(whole -> whole
                            ? chain.keys()
                                    .invoke(audit -> latest =
                                            new Result(began, System.nanoTime() - began, clock.instant(), found, audit))
                            : Uni.createFrom().nullItem())
                    .onTermination()
                    .invoke(() -> counting.set(false))
                    .replaceWithVoid();
        });
    }

    /**
     * The number of rows, in the tables that a rotation seals again, with a secret that is not under {@code keyId}. Calls
     * {@code mayGoOn} after each page; empty when that returned false.
     */
    Uni<Optional<Long>> notUnder(String keyId, Supplier<Uni<Boolean>> mayGoOn) {
        AtomicLong sum = new AtomicLong();
        return walk(
                        Arrays.stream(SealedTable.values())
                                .filter(SealedTable::isResealed)
                                .toList(),
                        (table, each) -> sum.addAndGet(isUnder(each, keyId) ? 0 : each.rows()),
                        mayGoOn)
                .map(whole -> whole ? Optional.of(sum.get()) : Optional.empty());
    }

    /** True when all rows were read. */
    private Uni<Boolean> walk(
            List<SealedTable> tables, BiConsumer<SealedTable, Count> each, Supplier<Uni<Boolean>> mayGoOn) {
        return Multi.createFrom()
                .iterable(tables)
                .onItem()
                .transformToUniAndConcatenate(table -> walk(table, count -> each.accept(table, count), mayGoOn))
                .collect()
                .asList()
                .map(whole -> !whole.contains(false));
    }

    private Uni<Boolean> walk(SealedTable table, Consumer<Count> each, Supplier<Uni<Boolean>> mayGoOn) {
        AtomicReference<RowKey> at = new AtomicReference<>(table.start());
        return Multi.createBy()
                .repeating()
                .uni(() -> rows.count(table, Objects.requireNonNull(at.get()), PAGE)
                        .invoke(page -> page.forEach(each))
                        .invoke(page -> page.stream().findFirst().ifPresent(first -> at.set(first.end())))
                        .onItem()
                        .delayIt()
                        .by(PAUSE)
                        .chain(page -> page.isEmpty()
                                ? Uni.createFrom().item(Step.LAST)
                                : mayGoOn.get().map(more -> more ? Step.ONE : Step.GIVEN_UP)))
                .whilst(step -> step == Step.ONE)
                .collect()
                .last()
                .map(step -> step == Step.LAST);
    }

    private static void add(Map<String, Long> keys, Count count) {
        if (count.first() != null) {
            keys.merge(count.first(), count.rows(), Long::sum);
        }
        if (count.second() != null && !count.second().equals(count.first())) {
            keys.merge(count.second(), count.rows(), Long::sum);
        }
    }

    private static boolean isUnder(Count count, String keyId) {
        return Objects.requireNonNullElse(count.first(), keyId).equals(keyId)
                && Objects.requireNonNullElse(count.second(), keyId).equals(keyId);
    }
}
