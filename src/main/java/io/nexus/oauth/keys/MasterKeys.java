package io.nexus.oauth.keys;

import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.LiveKeyring;
import io.nexus.oauth.event.Reading;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.store.keys.ReplicaStore.Replica;
import io.nexus.oauth.store.keys.RotationStore;
import io.nexus.oauth.store.keys.RotationStore.Progress;
import io.nexus.oauth.store.keys.SealedTable;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reports the use of the master keys, and starts their rotation. Does not block. */
@ApplicationScoped
public class MasterKeys {

    private static final Duration MAX_COUNT_AGE = Duration.ofSeconds(10);
    private static final Duration MAX_COUNT_WAIT = Duration.ofSeconds(5);

    private final LiveKeyring keyring;
    private final ReplicaKeys replicas;
    private final KeyReferences references;
    private final RotationStore rotations;
    private final CancellationShield shield;
    private final Event<Reading> readings;

    MasterKeys(
            LiveKeyring keyring,
            ReplicaKeys replicas,
            KeyReferences references,
            RotationStore rotations,
            CancellationShield shield,
            Event<Reading> readings) {
        this.keyring = keyring;
        this.replicas = replicas;
        this.references = references;
        this.rotations = rotations;
        this.shield = shield;
        this.readings = readings;
    }

    /**
     * A master key.
     *
     * @param id 8 hex digits
     * @param role as in {@link Reading.Key}
     * @param rows how many rows of each table refer to the key
     * @param replicas the live replicas that hold the key
     * @param journals the replicas with journal entries under the key, including those that stopped in the last week
     * @param audit the parts of the audit trail that need the key: {@code chain}, {@code fingerprints}
     * @param retirable whether an operator can remove the key from the files: no replica seals under it and nothing
     *     refers to it; false while that is not known
     */
    public record Key(
            String id,
            String role,
            Map<String, Long> rows,
            List<String> replicas,
            List<String> journals,
            List<String> audit,
            boolean retirable) {}

    /**
     * A rotation of the master key.
     *
     * @param keyId the key that everything will be sealed under
     * @param running whether the rotation has not ended
     * @param done the number of rows sealed again
     * @param total the number of rows under other keys at the start; null until they are counted
     * @param unreadable the number of rows in this pass that cannot be decrypted and were left unchanged
     */
    public record Rotation(
            String keyId,
            boolean running,
            long done,
            @Nullable Long total,
            long unreadable,
            String startedBy,
            Instant startedAt,
            Instant updatedAt,
            @Nullable Instant endedAt) {

        private static Rotation of(Progress progress) {
            return new Rotation(
                    progress.keyId(),
                    progress.running(),
                    progress.done(),
                    progress.total(),
                    progress.skipped(),
                    progress.startedBy(),
                    progress.startedAt(),
                    progress.updatedAt(),
                    progress.endedAt());
        }
    }

    /**
     * A report on all master keys.
     *
     * @param countedAt when the rows were counted; null before the first count
     * @param counting whether that count is too old to decide what is retirable, and a new one is under way
     * @param rotation the newest rotation
     */
    public record Report(List<Key> keys, @Nullable Instant countedAt, boolean counting, Optional<Rotation> rotation) {}

    /**
     * Reports on all master keys. Reads the state of the other replicas first. Counts the rows again if the last count is too
     * old, or if a replica has changed its sealing key since, and waits at most 5 s for that count.
     */
    public Uni<Report> report() {
        return replicas.refresh().chain(() -> {
            long asked = System.nanoTime();
            Uni<Void> counted =
                    counted(asked).isPresent() ? Uni.createFrom().voidItem() : shield.run(references::count);
            return counted.ifNoItem()
                    .after(MAX_COUNT_WAIT)
                    .recoverWithUni(Uni.createFrom().voidItem())
                    .chain(rotations::get)
                    .map(rotation -> report(asked, rotation));
        });
    }

    private Report report(long asked, Optional<Progress> rotation) {
        boolean counted = counted(asked).isPresent();
        return new Report(
                keys(counted),
                references.latest().map(KeyReferences.Result::endedAt).orElse(null),
                !counted,
                rotation.map(Rotation::of));
    }

    /** The last count, if it is newer than every change of a sealing key and not much older than {@code asked}. */
    private Optional<KeyReferences.Result> counted(long asked) {
        return references
                .latest()
                .filter(found -> asked - found.began() < MAX_COUNT_AGE.toNanos() + 2 * found.took())
                .filter(found -> replicas.isUnchangedSince(found.began()));
    }

    /**
     * Starts to seal everything under the primary key. A running rotation continues. Fails with {@link
     * CredentialException.Conflict} while not every replica holds that key.
     *
     * @param by the caller
     * @param tenant the tenant whose audit trail records the rotation
     */
    public Uni<Report> rotate(String by, TenantId tenant) {
        String target = keyring.primaryId();
        if (!keyring.seals() || !keyring.sealingId().equals(target)) {
            throw new CredentialException.Conflict("key " + target
                    + " is not in use for sealing yet; replicas without it: " + String.join(", ", lacking(target)));
        }
        return shield.run(() -> rotations.begin(target, by, tenant)).chain(this::report);
    }

    private List<String> lacking(String keyId) {
        return replicas.all().stream()
                .filter(each -> each.live() && !each.keyIds().contains(keyId))
                .map(Replica::id)
                .toList();
    }

    /** Publishes the keys to health and metrics. */
    void publish() {
        readings.fire(new Reading.Keys(keys(false).stream()
                .map(key -> new Reading.Key(key.id(), key.role(), key.rows()))
                .toList()));
    }

    /** Whether a stored row, a journal entry, the audit trail or a replica that seals is known to use the key. */
    boolean refers(String id) {
        return rows(id).values().stream().anyMatch(rows -> rows > 0)
                || !journals(id).isEmpty()
                || !audit(id).isEmpty()
                || replicas.all().stream()
                        .anyMatch(each -> each.live() && each.sealingId().equals(id));
    }

    /** @param counted whether the count of rows is recent enough to decide what is retirable */
    private List<Key> keys(boolean counted) {
        Set<String> ids = new LinkedHashSet<>(keyring.ids());
        replicas.all().forEach(each -> {
            ids.addAll(each.journalKeyIds());
            if (each.live()) {
                ids.addAll(each.keyIds());
            }
        });
        references.latest().map(KeyReferences.Result::rows).map(Map::values).stream()
                .flatMap(Collection::stream)
                .forEach(rows -> ids.addAll(rows.keySet()));
        references.latest().map(KeyReferences.Result::audit).map(Map::values).stream()
                .flatMap(Collection::stream)
                .forEach(ids::addAll);
        return ids.stream().map(id -> key(id, counted)).toList();
    }

    private Key key(String id, boolean counted) {
        List<Replica> all = replicas.all();
        boolean sealing =
                all.stream().anyMatch(each -> each.live() && each.sealingId().equals(id));
        return new Key(
                id,
                role(id, all, sealing),
                rows(id),
                ids(all.stream().filter(each -> each.live() && each.keyIds().contains(id))),
                journals(id),
                audit(id),
                counted && !refers(id) && !keyring.primaryId().equals(id));
    }

    private List<String> journals(String id) {
        return ids(replicas.all().stream().filter(each -> each.journalKeyIds().contains(id)));
    }

    private List<String> audit(String id) {
        return references.latest().map(found -> found.audit(id)).orElse(List.of());
    }

    private static List<String> ids(java.util.stream.Stream<Replica> replicas) {
        return replicas.map(Replica::id).sorted().toList();
    }

    private String role(String id, List<Replica> all, boolean sealing) {
        if (keyring.seals() && keyring.sealingId().equals(id)) {
            return "sealing";
        }
        if (keyring.ids().contains(id)) {
            return keyring.kept().contains(id) ? "kept" : "opens";
        }
        if (sealing
                && all.stream()
                        .anyMatch(each ->
                                replicas.agrees(each) && each.sealingId().equals(id))) {
            return "foreign";
        }
        return all.stream().anyMatch(each -> each.live() && each.keyIds().contains(id)) ? "elsewhere" : "missing";
    }

    private Map<String, Long> rows(String id) {
        return references.latest().stream()
                .flatMap(found -> java.util.Arrays.stream(SealedTable.values())
                        .map(table -> Map.entry(table.label(), found.of(table, id))))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (a, b) -> a, LinkedHashMap::new));
    }
}
