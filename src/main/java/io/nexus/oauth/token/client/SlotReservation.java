package io.nexus.oauth.token.client;

import io.nexus.oauth.credential.RefreshLease;
import io.nexus.oauth.store.RefreshStore.ClientSlots;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Slots at one provider that the schedule takes before it leases due credentials, so that a lease has a slot. Safe for concurrent use;
 * never blocks.
 */
public final class SlotReservation {

    private final int most;

    // guarded by this
    private final Map<ClientLimiters.Key, List<ClientLimiter.Permit>> free = new HashMap<>();
    private int size;
    private int expected;

    private final List<ClientSlots> clients = new ArrayList<>();

    /** At most {@code most} slots: tenants with clients of their own may have thousands of limiters at a provider. */
    SlotReservation(int most) {
        this.most = most;
    }

    /** Takes the free slots of {@code limiter}, as far as there is room. */
    void add(ClientLimiters.Key key, ClientLimiter limiter) {
        int room = most - size;
        List<ClientLimiter.Permit> permits = room > 0 ? limiter.reserve(room) : List.of();
        if (!permits.isEmpty()) {
            free.put(key, new ArrayList<>(permits));
            size += permits.size();
        }
        if (!permits.isEmpty() || limiter.isFull()) {
            clients.add(new ClientSlots(key.tenant(), key.clientId(), permits.size()));
        }
    }

    /** The number of slots that are not taken yet. */
    public synchronized int size() {
        return size;
    }

    /** The reserved slots of each client. A client without a free slot has 0. Clients for which there was no room are left out. */
    public List<ClientSlots> clients() {
        return clients;
    }

    /** Whether a client has no free slot, so that its due credentials are not leased. */
    public boolean hasFullClients() {
        return clients.stream().anyMatch(client -> client.free() == 0);
    }

    /**
     * Frees the slots that none of {@code leases} can use. Each lease takes or skips a slot, once. Slots that remain after the last
     * are freed.
     */
    public void expect(List<RefreshLease> leases) {
        Map<ClientLimiters.Key, Integer> wanted = wanted(leases);
        List<ClientLimiter.Permit> surplus = new ArrayList<>();
        synchronized (this) {
            expected = leases.size();
            free.forEach((key, permits) -> {
                List<ClientLimiter.Permit> rest =
                        permits.subList(Math.min(permits.size(), wanted.getOrDefault(key, 0)), permits.size());
                surplus.addAll(rest);
                rest.clear();
            });
            size -= surplus.size();
        }
        close(surplus);
    }

    /** How many leases may take a slot of each client. A stored credential does not tell whether its tenant has a client of its own. */
    private Map<ClientLimiters.Key, Integer> wanted(List<RefreshLease> leases) {
        Map<ClientLimiters.Key, Integer> wanted = new HashMap<>();
        for (RefreshLease lease : leases) {
            String provider = lease.credential().account().provider();
            String tenant = lease.key().tenant().value();
            for (String client : clientsOf(lease.credential().clientId())) {
                wanted.merge(new ClientLimiters.Key(provider, client, tenant), 1, Integer::sum);
                wanted.merge(new ClientLimiters.Key(provider, client, null), 1, Integer::sum);
            }
        }
        return wanted;
    }

    /** A credential without a stored client is refreshed by the client that is registered now. */
    private Collection<String> clientsOf(@Nullable String clientId) {
        return clientId != null
                ? List.of(clientId)
                : clients.stream().map(ClientSlots::clientId).distinct().toList();
    }

    /** Takes a reserved slot of {@code limiter} for one lease; empty when none is left. */
    public Optional<ClientLimiter.Permit> take(ClientLimiter limiter) {
        Optional<ClientLimiter.Permit> permit;
        List<ClientLimiter.Permit> rest;
        synchronized (this) {
            permit = free.values().stream()
                    .filter(permits -> !permits.isEmpty() && permits.getFirst().isOf(limiter))
                    .findFirst()
                    .map(List::removeLast);
            size -= permit.isPresent() ? 1 : 0;
            rest = countDown();
        }
        close(rest);
        return permit;
    }

    /** Counts one lease that needs no slot. */
    public void skip() {
        List<ClientLimiter.Permit> rest;
        synchronized (this) {
            rest = countDown();
        }
        close(rest);
    }

    /** Counts one lease. Gives the slots that remain after the last. */
    private List<ClientLimiter.Permit> countDown() {
        if (--expected > 0) {
            return List.of();
        }
        List<ClientLimiter.Permit> rest =
                free.values().stream().flatMap(List::stream).toList();
        free.clear();
        size = 0;
        return rest;
    }

    /** Outside of the lock: a freed slot calls a listener. */
    private static void close(List<ClientLimiter.Permit> permits) {
        permits.forEach(ClientLimiter.Permit::close);
    }
}
