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

/** What the master keys are used for, and their rotation. Does not block. */
@ApplicationScoped
public class MasterKeys {

    private static final Duration FRESH = Duration.ofSeconds(10);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

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
     * A key.
     *
     * @param id 8 hex digits
     * @param role as in {@link Reading.Key}
     * @param rows how many rows of each table refer to it
     * @param replicas the live replicas that hold it
     * @param journals the replicas with answers on their disks that are sealed under it, the dead ones of the last week too
     * @param audit what of the audit trail needs it: {@code chain}, {@code fingerprints}
     * @param retirable whether it can be taken from the files: nothing seals under it and nothing refers to it; false
     *     while that is not known
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
     * A rotation.
     *
     * @param keyId what everything is sealed under in the end
     * @param running whether it has not ended
     * @param done rows that were sealed anew
     * @param total rows under other keys at the beginning; null until they are counted
     * @param unreadable rows of this pass that do not open and were left as they are
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
     * How things stand.
     *
     * @param countedAt when the rows were counted; null before the first time
     * @param counting whether that was too early to tell what is retirable: they are being counted anew
     * @param rotation the newest rotation
     */
    public record Report(List<Key> keys, @Nullable Instant countedAt, boolean counting, Optional<Rotation> rotation) {}

    /**
     * How things stand. Hears the other replicas first; counts the rows when that was some time ago or somebody changed the key it seals
     * under since, and waits 5 s for it at most.
     */
    public Uni<Report> report() {
        return replicas.hear().chain(() -> {
            long asked = System.nanoTime();
            Uni<Void> counted =
                    counted(asked).isPresent() ? Uni.createFrom().voidItem() : shield.run(references::count);
            return counted.ifNoItem()
                    .after(PATIENCE)
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

    /** The rows, if they were counted after every change and not long before {@code asked}; longer when counting takes long. */
    private Optional<KeyReferences.Result> counted(long asked) {
        return references
                .latest()
                .filter(found -> asked - found.began() < FRESH.toNanos() + 2 * found.took())
                .filter(found -> replicas.isSettledSince(found.began()));
    }

    /**
     * Begins to seal everything under the primary key; a rotation that is running goes on. Fails with {@link
     * CredentialException.Conflict} while not every replica holds that key.
     *
     * @param by who asks
     * @param tenant whose audit trail says so
     */
    public Uni<Report> rotate(String by, TenantId tenant) {
        String target = keyring.primaryId();
        if (!keyring.seals() || !keyring.sealingId().equals(target)) {
            throw new CredentialException.Conflict(
                    "key " + target + " does not seal yet; replicas without it: " + String.join(", ", lacking(target)));
        }
        return shield.run(() -> rotations.begin(target, by, tenant)).chain(this::report);
    }

    private List<String> lacking(String keyId) {
        return replicas.all().stream()
                .filter(each -> each.live() && !each.keyIds().contains(keyId))
                .map(Replica::id)
                .toList();
    }

    /** Tells health and metrics. */
    void tell() {
        readings.fire(new Reading.Keys(keys(false).stream()
                .map(key -> new Reading.Key(key.id(), key.role(), key.rows()))
                .toList()));
    }

    /** Whether a stored row, an answer in a journal, the audit trail or a replica's sealing refers to the key, as far as is known. */
    boolean refers(String id) {
        return rows(id).values().stream().anyMatch(rows -> rows > 0)
                || !journals(id).isEmpty()
                || !audit(id).isEmpty()
                || replicas.all().stream()
                        .anyMatch(each -> each.live() && each.sealingId().equals(id));
    }

    /** @param counted whether the rows are those of now */
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
