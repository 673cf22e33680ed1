package io.nexus.oauth.keys;

import io.nexus.oauth.crypto.KeyringConfig;
import io.nexus.oauth.store.connection.ChangeFeed;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.store.keys.RotationStore;
import io.nexus.oauth.store.keys.RotationStore.Progress;
import io.nexus.oauth.store.keys.SealedRows;
import io.nexus.oauth.store.keys.SealedRows.Page;
import io.nexus.oauth.store.keys.SealedRows.Replacement;
import io.nexus.oauth.store.keys.SealedRows.RowKey;
import io.nexus.oauth.store.keys.SealedTable;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;

/**
 * Seals all stored secrets again under one master key, while the service runs. A row is written only if it did not change
 * since it was read, so a rotation never overwrites a refresh; refreshed tokens are under the new key anyway. Progress is
 * saved with each batch, so another replica can continue. Does not block.
 */
@ApplicationScoped
class KeyRotation {

    private static final Logger LOG = Logger.getLogger(KeyRotation.class);
    private static final int BATCH = 200;
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final Duration BETWEEN_PAGES = Duration.ofMillis(2);
    private static final Duration BETWEEN_PASSES = Duration.ofSeconds(1);

    private final RotationStore store;
    private final SealedRows rows;
    private final KeyReferences references;
    private final Resealer resealer;
    private final ReplicaKeys replicas;
    private final ChangeFeed feed;
    private final int rate;

    KeyRotation(
            RotationStore store,
            SealedRows rows,
            KeyReferences references,
            Resealer resealer,
            ReplicaKeys replicas,
            ChangeFeed feed,
            KeyringConfig config) {
        this.store = store;
        this.rows = rows;
        this.references = references;
        this.resealer = resealer;
        this.replicas = replicas;
        this.feed = feed;
        this.rate = Math.max(1, config.rotationRate());
    }

    /**
     * Works on the running rotation until it ends, another replica takes it, or {@code stopped} stops. Does nothing when no
     * rotation runs, when another replica works on it, or while not every replica seals under its key.
     */
    Uni<Void> work(CancellationShield stopped) {
        return store.takeLease(replicas.id(), LEASE)
                .chain(found -> found.filter(this::mayGoOn)
                        .map(progress -> run(progress, stopped))
                        .orElseGet(() -> Uni.createFrom().voidItem()));
    }

    private Uni<Void> run(Progress progress, CancellationShield stopped) {
        AtomicReference<Progress> at = new AtomicReference<>(progress);
        return Multi.createBy()
                .repeating()
                .uni(() -> step(Objects.requireNonNull(at.get()), stopped).invoke(at::set))
                .whilst(next -> mayGoOn(next) && !stopped.isStopping())
                .collect()
                .last()
                .replaceWithVoid();
    }

    private boolean mayGoOn(Progress progress) {
        return progress.running() && replicas.allSealUnder(progress.keyId());
    }

    private Uni<Progress> step(Progress progress, CancellationShield stopped) {
        return progress.total() == null
                ? count(progress, stopped)
                : rows.page(progress.table(), progress.cursor(), progress.keyId(), Math.min(BATCH, rate))
                        .chain(page -> seal(progress, page));
    }

    /** Renews the lease with every page, because counting may take longer than the lease. */
    private Uni<Progress> count(Progress progress, CancellationShield stopped) {
        return references
                .notUnder(
                        progress.keyId(),
                        () -> mayGoOn(progress) && !stopped.isStopping()
                                ? save(progress).map(Progress::running)
                                : Uni.createFrom().item(false))
                .chain(total -> total.map(rows -> save(progress.counted(rows)))
                        .orElseGet(() -> Uni.createFrom().item(progress.over())));
    }

    private Uni<Progress> seal(Progress progress, Page page) {
        if (page.outdated().isEmpty()) {
            return next(progress.after(page.end(), 0, 0, 0), page.last())
                    .onItem()
                    .delayIt()
                    .by(BETWEEN_PAGES);
        }
        return resealer.reseal(progress.table(), page.outdated())
                .chain(resealed -> replace(progress, resealed)
                        .chain(changed -> next(
                                progress.after(
                                        page.end(),
                                        changed,
                                        resealed.size() - changed,
                                        page.outdated().size() - resealed.size()),
                                page.last())))
                .onItem()
                .delayIt()
                .by(Duration.ofMillis(Math.max(2, page.outdated().size() * 1000L / rate)));
    }

    private Uni<Integer> replace(Progress progress, List<Replacement> resealed) {
        return rows.replace(progress.table(), resealed)
                .invoke(changed -> notifyReplicas(progress.table(), changed))
                .map(Set::size);
    }

    /** Makes the other replicas evict the changed credentials, whose cached secrets need the old key. */
    private void notifyReplicas(SealedTable table, Set<RowKey> changed) {
        if (table == SealedTable.OAUTH_CREDENTIALS) {
            changed.forEach(row -> feed.publish(UUID.fromString(row.firstColumn())));
        }
    }

    private Uni<Progress> next(Progress progress, boolean last) {
        if (!last) {
            return save(progress);
        }
        Optional<SealedTable> table = Arrays.stream(SealedTable.values())
                .filter(each ->
                        each.isResealed() && each.ordinal() > progress.table().ordinal())
                .findFirst();
        if (table.isPresent()) {
            return save(progress.at(table.get()));
        }
        return progress.moved() > 0
                ? save(progress.at(SealedTable.values()[0])).onItem().delayIt().by(BETWEEN_PASSES)
                : end(progress);
    }

    private Uni<Progress> save(Progress progress) {
        return store.save(replicas.id(), progress, LEASE).map(mine -> mine ? progress : progress.over());
    }

    private Uni<Progress> end(Progress progress) {
        return store.end(replicas.id(), progress)
                .invoke(ended -> report(ended, progress))
                .chain(ended -> ended ? references.count() : Uni.createFrom().voidItem())
                .replaceWith(progress.over());
    }

    private static void report(boolean ended, Progress progress) {
        if (ended) {
            LOG.infof(
                    "The rotation to master key %s is complete: %d rows were sealed again; %d rows cannot be decrypted"
                            + " and were left unchanged",
                    progress.keyId(), progress.done(), progress.skipped());
        }
    }
}
