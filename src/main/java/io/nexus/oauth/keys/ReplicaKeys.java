package io.nexus.oauth.keys;

import io.nexus.oauth.crypto.LiveKeyring;
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
 * Tells the other replicas which keys this one holds, and seals under the first that all of them hold. One without a key in common with
 * those that joined before it is left out: it waits, and they go on. Nothing here blocks.
 */
@ApplicationScoped
class ReplicaKeys {

    private static final Logger LOG = Logger.getLogger(ReplicaKeys.class);
    private static final long PAUSE = Duration.ofSeconds(15).toNanos();

    private final String id;
    private final ReplicaStore store;
    private final LiveKeyring keyring;
    private final SpillJournal journal;
    private final Vertx vertx;
    private final KeyUse use = new KeyUse();
    private volatile List<Replica> all = List.of();
    private volatile @Nullable Holding said;
    private volatile @Nullable Instant joinedAt;
    private @Nullable Long heardAt;
    private volatile long saidAt;
    private volatile boolean left;

    @Inject
    ReplicaKeys(ReplicaStore store, LiveKeyring keyring, SpillJournal journal, Vertx vertx) {
        this(named(System.getenv("HOSTNAME")), store, keyring, journal, vertx);
    }

    ReplicaKeys(String id, ReplicaStore store, LiveKeyring keyring, SpillJournal journal, Vertx vertx) {
        this.id = id;
        this.store = store;
        this.keyring = keyring;
        this.journal = journal;
        this.vertx = vertx;
    }

    /** The machine's name is what an operator looks for; two processes may share it. */
    private static String named(@Nullable String host) {
        return Objects.requireNonNullElse(host, "replica") + "-" + UUID.randomUUID();
    }

    String id() {
        return id;
    }

    /** This replica and the others as they were heard of last, in the order in which they joined. */
    List<Replica> all() {
        return all;
    }

    /** Whether {@code replica} lives and is one of those that agree on a key. */
    boolean agrees(Replica replica) {
        return replica.live() && keyring.isAgreedWith(replica.keyIds());
    }

    /** As {@link KeyUse#isSettledSince}. False too while the others do not know yet what seals here. */
    boolean isSettledSince(long then) {
        Holding last = said;
        return last != null && last.sealingId().equals(sealingHere()) && use.isSettledSince(then);
    }

    /** Whether everybody who agrees seals under {@code keyId}, and all of them know that the others hold it. */
    boolean allSealUnder(String keyId) {
        return keyring.isAgreed()
                && sealingHere().equals(keyId)
                && all.stream()
                        .filter(this::agrees)
                        .allMatch(each -> each.sealingId().equals(keyId));
    }

    /** Announces when 15 s are over, and at once when the keys changed. */
    Uni<Boolean> announceWhenDue() {
        Holding last = said;
        boolean news = last == null
                || !last.sealingId().equals(sealingHere())
                || !last.keyIds().equals(keyring.ids());
        return !left && (news || System.nanoTime() - saidAt > PAUSE)
                ? announce().replaceWith(true)
                : Uni.createFrom().item(false);
    }

    /** Says what is held here and hears what the others hold. */
    Uni<Void> announce() {
        return vertx.executeBlocking(journal::keyIds, false).chain(found -> announce(found));
    }

    private Uni<Void> announce(Set<String> journalKeyIds) {
        Holding mine = new Holding(id, keyring.ids(), sealingHere(), journalKeyIds);
        return store.announce(mine, joinedAt, journal.place(), journal.isComplete())
                .invoke(() -> {
                    said = mine;
                    saidAt = System.nanoTime();
                })
                .chain(this::hear);
    }

    /** Hears what the others hold. */
    Uni<Void> hear() {
        return Uni.createFrom().deferred(() -> {
            long asked = System.nanoTime();
            return store.all().invoke(heard -> heard(heard, asked)).replaceWithVoid();
        });
    }

    private String sealingHere() {
        return keyring.seals() ? keyring.sealingId() : "";
    }

    /** This replica stops, and what it still has to do is done. */
    Uni<Void> leave() {
        left = true;
        return vertx.executeBlocking(journal::keyIds, false).chain(found -> store.leave(id, found));
    }

    /** An answer that was overtaken by a later one changes nothing. */
    private synchronized void heard(List<Replica> heard, long asked) {
        Long before = heardAt;
        if (before != null && asked - before < 0) {
            return;
        }
        heardAt = asked;
        heard.stream().filter(each -> each.id().equals(id)).findFirst().ifPresent(mine -> joinedAt = mine.joinedAt());
        all = heard;
        String sealing = sealingHere();
        use.heard(heard, System.nanoTime());
        agree(heard);
        tell(sealing, sealingHere());
    }

    /** Who has not joined yet is behind everybody. */
    private void agree(List<Replica> heard) {
        Instant mine = Objects.requireNonNullElse(joinedAt, Instant.MAX);
        Comparator<Replica> order = Comparator.comparing(Replica::joinedAt).thenComparing(Replica::id);
        Predicate<Replica> isElder = each -> each.joinedAt().isBefore(mine)
                || (each.joinedAt().equals(mine) && each.id().compareTo(id) < 0);
        List<Replica> others = heard.stream()
                .filter(each -> each.live() && !each.id().equals(id))
                .sorted(order)
                .toList();
        keyring.agree(
                others.stream().filter(isElder).map(Replica::keyIds).toList(),
                others.stream().filter(isElder.negate()).map(Replica::keyIds).toList());
    }

    private void tell(String before, String now) {
        if (now.equals(before)) {
            return;
        }
        use.changed(System.nanoTime());
        if (now.isEmpty()) {
            LOG.error("no key here is one that the other replicas hold: nothing is sealed here until there is");
        } else {
            LOG.infof("the key %s seals from now on: every replica holds it", now);
        }
    }
}
