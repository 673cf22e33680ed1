package io.nexus.oauth.keys;

import io.nexus.oauth.crypto.LiveKeyring;
import io.nexus.oauth.store.connection.ChangeFeed;
import io.nexus.oauth.store.journal.SpillJournal;
import io.nexus.oauth.store.keys.ReplicaStore;
import io.nexus.oauth.store.keys.ReplicaStore.Holding;
import io.nexus.oauth.store.keys.ReplicaStore.Replica;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.function.Predicate;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Announces to the other replicas which keys this one holds, and seals under the first key that all of them hold. A replica
 * that shares no key with those that joined earlier is excluded: it waits, and the others continue. Does not block.
 */
@ApplicationScoped
class ReplicaKeys {

    private static final Logger LOG = Logger.getLogger(ReplicaKeys.class);
    private static final long ANNOUNCE_INTERVAL = Duration.ofSeconds(15).toNanos();

    private final String id;
    private final ReplicaStore store;
    private final LiveKeyring keyring;
    private final SpillJournal journal;
    private final ChangeFeed feed;
    private final Vertx vertx;
    private final KeyUsageTracker usage = new KeyUsageTracker();
    private volatile List<Replica> all = List.of();
    private volatile @Nullable Holding announced;
    private volatile ChangeFeed.@Nullable Replay announcedReplay;
    private volatile @Nullable Instant joinedAt;
    private @Nullable Long readAt;
    private volatile long announcedAt;
    private volatile boolean left;

    @Inject
    ReplicaKeys(ReplicaStore store, LiveKeyring keyring, SpillJournal journal, ChangeFeed feed, Vertx vertx) {
        this(named(System.getenv("HOSTNAME")), store, keyring, journal, feed, vertx);
    }

    ReplicaKeys(
            String id, ReplicaStore store, LiveKeyring keyring, SpillJournal journal, ChangeFeed feed, Vertx vertx) {
        this.id = id;
        this.store = store;
        this.keyring = keyring;
        this.journal = journal;
        this.feed = feed;
        this.vertx = vertx;
    }

    /** Begins with the machine's name, which an operator knows; the suffix tells two processes on one machine apart. */
    private static String named(@Nullable String host) {
        return Objects.requireNonNullElse(host, "replica") + "-" + UUID.randomUUID();
    }

    String id() {
        return id;
    }

    /** This replica and the others as last read, in the order in which they joined. */
    List<Replica> all() {
        return all;
    }

    /** Whether {@code replica} is live and belongs to those that agree on a key. */
    boolean agrees(Replica replica) {
        return replica.live() && keyring.sharesKeyWith(replica.keyIds());
    }

    /** As {@link KeyUsageTracker#isUnchangedSince}. Also false until this replica has announced its present sealing key. */
    boolean isUnchangedSince(long then) {
        Holding last = announced;
        return last != null && last.sealingId().equals(sealingHere()) && usage.isUnchangedSince(then);
    }

    /** Whether every agreeing replica seals under {@code keyId}. */
    boolean allSealUnder(String keyId) {
        return keyring.knowsOtherReplicas()
                && sealingHere().equals(keyId)
                && all.stream()
                        .filter(this::agrees)
                        .allMatch(each -> each.sealingId().equals(keyId));
    }

    /** Announces every 15 s, and at once when the keys changed or the journal was replayed. True when it announced. */
    Uni<Boolean> announceWhenDue() {
        Holding last = announced;
        boolean changed = last == null
                || !last.sealingId().equals(sealingHere())
                || !last.keyIds().equals(keyring.ids())
                || !Objects.equals(announcedReplay, feed.replay());
        return !left && (changed || System.nanoTime() - announcedAt > ANNOUNCE_INTERVAL)
                ? announce().replaceWith(true)
                : Uni.createFrom().item(false);
    }

    /** Announces the keys of this replica, then reads those of the others. */
    Uni<Void> announce() {
        return vertx.executeBlocking(journal::keyIds, false).chain(found -> announce(found));
    }

    private Uni<Void> announce(Set<String> journalKeyIds) {
        Holding mine = new Holding(id, keyring.ids(), sealingHere(), journalKeyIds);
        ChangeFeed.Replay replay = feed.replay();
        return store.announce(mine, joinedAt, journal.directoryName(), journal.isComplete(), replay, feed.knowsCopy())
                .invoke(() -> {
                    announced = mine;
                    announcedReplay = replay;
                    announcedAt = System.nanoTime();
                })
                .chain(this::refresh);
    }

    /** Reads the keys of all replicas and agrees on the sealing key. */
    Uni<Void> refresh() {
        return Uni.createFrom().deferred(() -> {
            long asked = System.nanoTime();
            return store.all().invoke(found -> update(found, asked)).replaceWithVoid();
        });
    }

    private String sealingHere() {
        return keyring.seals() ? keyring.sealingId() : "";
    }

    /** Signs this replica off, after its running work has ended. */
    Uni<Void> leave() {
        left = true;
        return vertx.executeBlocking(journal::keyIds, false).chain(found -> store.leave(id, found));
    }

    /** Ignores a result that is older than the last one. */
    private synchronized void update(List<Replica> found, long asked) {
        Long before = readAt;
        if (before != null && asked - before < 0) {
            return;
        }
        readAt = asked;
        found.stream().filter(each -> each.id().equals(id)).findFirst().ifPresent(mine -> joinedAt = mine.joinedAt());
        all = found;
        String sealing = sealingHere();
        usage.observe(found, System.nanoTime());
        rankReplicas(found);
        logChange(sealing, sealingHere());
    }

    /** A replica that has not joined yet ranks after all others. */
    private void rankReplicas(List<Replica> found) {
        Instant mine = Objects.requireNonNullElse(joinedAt, Instant.MAX);
        Comparator<Replica> order = Comparator.comparing(Replica::joinedAt).thenComparing(Replica::id);
        Predicate<Replica> isBeforeThis = each -> each.joinedAt().isBefore(mine)
                || (each.joinedAt().equals(mine) && each.id().compareTo(id) < 0);
        List<Replica> others = found.stream()
                .filter(each -> each.live() && !each.id().equals(id))
                .sorted(order)
                .toList();
        keyring.setOtherReplicas(
                others.stream().filter(isBeforeThis).map(Replica::keyIds).toList(),
                others.stream()
                        .filter(isBeforeThis.negate())
                        .map(Replica::keyIds)
                        .toList());
    }

    private void logChange(String before, String now) {
        if (now.equals(before)) {
            return;
        }
        usage.changed(System.nanoTime());
        if (now.isEmpty()) {
            LOG.error("This replica shares no master key with the other replicas. It seals nothing until it does");
        } else {
            LOG.infof("Master key %s is used for sealing from now on: every replica holds it", now);
        }
    }
}
