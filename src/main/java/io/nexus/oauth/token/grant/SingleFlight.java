package io.nexus.oauth.token.grant;

import io.nexus.oauth.store.execution.CancellationShield;
import io.smallrye.mutiny.Uni;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Lets concurrent callers with the same key share one piece of work. A caller that cancels does not cancel the work.
 *
 * @param <K> the key; a record, never a joined string
 * @param <T> the result
 */
public final class SingleFlight<K, T> {

    private final ConcurrentHashMap<K, Flight<T>> flights = new ConcurrentHashMap<>();
    private final CancellationShield shield;
    private final int maxWaiters;

    /** At most {@code maxWaiters} callers share one flight; further callers are refused. */
    public SingleFlight(CancellationShield shield, int maxWaiters) {
        this.shield = shield;
        this.maxWaiters = maxWaiters;
    }

    /** The result of the flight for {@code key}; starts {@code work} if there is none. Empty when the flight is full. */
    public Optional<Uni<T>> join(K key, Supplier<Uni<T>> work) {
        Flight<T> flight = begin(key, work);
        if (flight.waiters.incrementAndGet() > maxWaiters) {
            flight.waiters.decrementAndGet();
            return Optional.empty();
        }
        return Optional.of(shield.listen(flight.result).onTermination().invoke(flight.waiters::decrementAndGet));
    }

    /** The flight for {@code key}; starts {@code work} if there is none. */
    public Flight<T> begin(K key, Supplier<Uni<T>> work) {
        Flight<T> mine = new Flight<>();
        Flight<T> flight = flights.computeIfAbsent(key, ignored -> mine);
        if (flight == mine) {
            var unused = shield.start(work).whenComplete((value, failure) -> land(key, mine, value, failure));
        }
        return flight;
    }

    /** Whether a flight for {@code key} is under way. */
    public boolean isUnderWay(K key) {
        return flights.containsKey(key);
    }

    /** The number of flights under way. */
    int size() {
        return flights.size();
    }

    /** Removes the flight before completing it, so that a later caller never gets an old result. */
    private void land(K key, Flight<T> flight, T value, Throwable failure) {
        flights.remove(key, flight);
        if (failure == null) {
            flight.result.complete(value);
        } else {
            flight.result.completeExceptionally(failure);
        }
    }

    static final class Flight<T> {
        final CompletableFuture<T> result = new CompletableFuture<>();
        final AtomicInteger waiters = new AtomicInteger();
    }
}
