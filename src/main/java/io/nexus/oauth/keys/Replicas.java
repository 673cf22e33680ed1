package io.nexus.oauth.keys;

import io.nexus.oauth.crypto.LiveKeyring;
import io.nexus.oauth.store.ReplicaStore;
import io.nexus.oauth.store.ReplicaStore.Replica;
import io.nexus.oauth.store.SpillJournal;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Tells the other replicas which keys this one holds, and seals under the first that all of them hold. Nothing here blocks. */
@ApplicationScoped
class Replicas {

    private static final Logger LOG = Logger.getLogger(Replicas.class);
    private static final long PAUSE = Duration.ofSeconds(15).toNanos();

    private final String id;
    private final ReplicaStore store;
    private final LiveKeyring keyring;
    private final SpillJournal journal;
    private final Vertx vertx;
    private volatile List<Replica> others = List.of();
    private volatile @Nullable Replica said;
    private volatile long saidAt;
    private volatile boolean left;

    @Inject
    Replicas(ReplicaStore store, LiveKeyring keyring, SpillJournal journal, Vertx vertx) {
        this(named(System.getenv("HOSTNAME")), store, keyring, journal, vertx);
    }

    Replicas(String id, ReplicaStore store, LiveKeyring keyring, SpillJournal journal, Vertx vertx) {
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

    /** This replica as it was told last, and the others. */
    List<Replica> all() {
        Replica mine = said;
        return mine == null
                ? others
                : Stream.concat(Stream.of(mine), others.stream()).toList();
    }

    /** Whether everybody who lives seals under {@code keyId}, and all of them know that the others hold it. */
    boolean allSealUnder(String keyId) {
        return keyring.isAgreed()
                && keyring.sealingId().equals(keyId)
                && all().stream()
                        .filter(Replica::live)
                        .allMatch(each -> each.sealingId().equals(keyId));
    }

    /** Announces when 15 s are over, and at once when the keys changed. */
    Uni<Boolean> announceWhenDue() {
        Replica last = said;
        boolean news = last == null
                || !last.sealingId().equals(keyring.sealingId())
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
        Replica mine = new Replica(id, keyring.ids(), keyring.sealingId(), journalKeyIds, true);
        return store.announce(mine, journal.place(), journal.isComplete())
                .invoke(heard -> heard(mine, heard))
                .replaceWithVoid();
    }

    /** This replica stops, and what it still has to do is done. */
    Uni<Void> leave() {
        left = true;
        return vertx.executeBlocking(journal::keyIds, false).chain(found -> store.leave(id, found));
    }

    private void heard(Replica mine, List<Replica> heard) {
        said = mine;
        saidAt = System.nanoTime();
        others = heard;
        keyring.agree(heard.stream().filter(Replica::live).map(Replica::keyIds).toList());
        if (!keyring.sealingId().equals(mine.sealingId())) {
            LOG.infof("the key %s seals from now on: every replica holds it", keyring.sealingId());
        }
    }
}
