package io.nexus.oauth.crypto;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The current master keys, which the service reads again while it runs. It seals under the first key that every replica
 * holds, so that every replica can decrypt. A key removed from the files stays in memory until {@link #forget}.
 * Thread-safe; only {@link #reread()} blocks.
 */
@Singleton
public final class LiveKeyring {

    private final Supplier<Keyring> source;
    private final boolean refusesGuessableKeys;
    private final AtomicBoolean unknownKeyRequested = new AtomicBoolean();
    private volatile Ring ring;
    private volatile @Nullable String problem;

    /**
     * @param all every key that decrypts
     * @param configured the ids of the keys in the files, in order
     * @param others the keys of the other live replicas, or null before they are known
     * @param sharedIds the ids of the keys that all agreeing replicas hold; empty before they are known
     * @param sealing the id of the key that seals; the last one that did when no key is common
     */
    private record Ring(
            Keyring all, Set<String> configured, @Nullable Others others, Set<String> sharedIds, String sealing) {

        boolean seals() {
            return others == null || sharedIds.contains(sealing);
        }
    }

    /** The keys of the replicas that joined before this one, and of those that joined after it, in order. */
    private record Others(List<Set<String>> joinedBefore, List<Set<String>> joinedAfter) {}

    /**
     * The changes that reading the keys again made; the lists hold ids.
     *
     * @param added keys that were not in the keyring before
     * @param vanished keys that are no longer in the files
     * @param problem why the new keys cannot be used; empty when the problem is the same as last time
     */
    public record Change(List<String> added, List<String> vanished, Optional<String> problem) {}

    @Inject
    LiveKeyring(Keyring atStart, KeyringProducer files) {
        this(atStart, files::read);
    }

    LiveKeyring(Keyring atStart, Supplier<Keyring> source) {
        this.source = source;
        this.refusesGuessableKeys = !atStart.holdsGuessableKey();
        this.ring =
                ring(atStart, atStart.ids(), null, List.copyOf(atStart.ids()).getLast());
    }

    /** A keyring that never changes and seals under the primary key. */
    static LiveKeyring of(Keyring keyring) {
        LiveKeyring fixed = new LiveKeyring(keyring, () -> keyring);
        fixed.setOtherReplicas(List.of(), List.of());
        return fixed;
    }

    /** The id of the key that seals; while {@link #seals()} is false, the last one that did. */
    public String sealingId() {
        return ring.sealing();
    }

    /**
     * Whether this replica may seal. False when it holds no key that the replicas agree on, because they could not
     * decrypt.
     */
    public boolean seals() {
        return ring.seals();
    }

    /** Whether a replica that holds the keys {@code ids} has one of the keys that the agreeing replicas share. */
    public boolean sharesKeyWith(Set<String> ids) {
        return ids.stream().anyMatch(ring.sharedIds()::contains);
    }

    /** The ids of all keys that decrypt: those of the files in order, then those that are only in memory. */
    public Set<String> ids() {
        return ring.all().ids();
    }

    /** The id of the first key in the files, which seals once every replica has it. */
    public String primaryId() {
        return ring.all().primaryId();
    }

    /** The ids of keys that are in memory but no longer in a file. */
    public Set<String> kept() {
        Ring now = ring;
        return now.all().ids().stream()
                .filter(id -> !now.configured().contains(id))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** Whether the keys of the other replicas are known. */
    public boolean knowsOtherReplicas() {
        return ring.others() != null;
    }

    /**
     * Why the keys in the files cannot be used; the service continues with the keys it read before. Empty when there is
     * no problem.
     */
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    /** Whether the service needed an unknown key since it last read the files. */
    public boolean isUnknownKeyRequested() {
        return unknownKeyRequested.get();
    }

    /** Reads the keys again; blocks. If any key is invalid, nothing changes. */
    public Change reread() {
        unknownKeyRequested.set(false);
        try {
            Keyring read = source.get();
            if (refusesGuessableKeys && read.holdsGuessableKey()) {
                throw new IllegalStateException("one of the keys is published or not random");
            }
            problem = null;
            return replace(read);
        } catch (CryptoException | IllegalStateException e) {
            String found = String.valueOf(e.getMessage());
            Optional<String> news = found.equals(problem) ? Optional.empty() : Optional.of(found);
            problem = found;
            return new Change(List.of(), List.of(), news);
        }
    }

    private synchronized Change replace(Keyring read) {
        Ring before = ring;
        ring = ring(read.and(before.all()), read.ids(), before.others(), before.sealing());
        return new Change(
                read.ids().stream().filter(id -> !before.all().holds(id)).toList(),
                before.configured().stream().filter(id -> !read.holds(id)).toList(),
                Optional.empty());
    }

    /**
     * Seals from now on under the first key that the other replicas hold too, with the keys of the files first. A
     * replica that shares no key with the earlier ones is left out: it must not seal, and the others ignore it.
     *
     * @param joinedBefore the keys of each replica that joined before this one, in order
     * @param joinedAfter the keys of each replica that joined after it
     */
    public synchronized void setOtherReplicas(List<Set<String>> joinedBefore, List<Set<String>> joinedAfter) {
        ring = ring(
                ring.all(),
                ring.configured(),
                new Others(List.copyOf(joinedBefore), List.copyOf(joinedAfter)),
                ring.sealing());
    }

    /** Removes a key that is only {@link #kept()}; otherwise does nothing. */
    public synchronized void forget(String id) {
        if (kept().contains(id)) {
            ring = ring(ring.all().without(id), ring.configured(), ring.others(), ring.sealing());
        }
    }

    /** A snapshot of the keys: a key that is forgotten later still decrypts with it. */
    Keyring all() {
        return ring.all();
    }

    /** As {@link Keyring#derive}; an unknown key causes the files to be read soon. */
    byte[] derive(String id, byte[] info) {
        Keyring all = ring.all();
        if (!all.holds(id)) {
            unknownKeyRequested.set(true);
        }
        return all.derive(id, info);
    }

    /**
     * Before the keys of the other replicas are known, the last key is the safest: replicas with newer keys hold it
     * too.
     */
    private static Ring ring(Keyring all, Set<String> configured, @Nullable Others others, String before) {
        String last = List.copyOf(configured).getLast();
        if (others == null) {
            return new Ring(all, configured, null, Set.of(), last);
        }
        Set<String> shared = sharedIds(others.joinedBefore(), all.ids(), others.joinedAfter());
        String sealing =
                all.ids().stream().filter(shared::contains).findFirst().orElse(all.holds(before) ? before : last);
        return new Ring(all, configured, others, shared, sealing);
    }

    /**
     * The ids of the keys that all replicas hold. A replica that shares none with the earlier ones is left out. Every
     * replica with the same input gets the same result.
     */
    private static Set<String> sharedIds(
            List<Set<String>> joinedBefore, Set<String> here, List<Set<String>> joinedAfter) {
        Set<String> shared = Set.of();
        for (Set<String> held : Stream.of(joinedBefore, List.of(here), joinedAfter)
                .flatMap(List::stream)
                .toList()) {
            Set<String> both = new HashSet<>(shared.isEmpty() ? held : shared);
            both.retainAll(held);
            shared = both.isEmpty() ? shared : both;
        }
        return shared;
    }
}
