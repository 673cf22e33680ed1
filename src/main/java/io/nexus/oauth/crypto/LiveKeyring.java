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
 * The master keys as they are now. They are read again while the service runs; what is sealed is sealed under the first of
 * them that every replica holds, so that nobody meets a text it cannot open. A key that is taken from the files stays here
 * until it is told to be forgotten. Safe for use by several threads; only {@link #reread()} blocks.
 */
@Singleton
public final class LiveKeyring {

    private final Supplier<Keyring> source;
    private final boolean refusesGuessableKeys;
    private final AtomicBoolean unknownKeyRequested = new AtomicBoolean();
    private volatile Ring ring;
    private volatile @Nullable String problem;

    /**
     * @param all every key that opens
     * @param configured the ids of those that are in the files, in their order
     * @param others what the other live replicas hold, or null before the first answer
     * @param common the ids of the keys that all who agree hold; empty before the first answer
     * @param sealing the id of the key that seals, or sealed last when none of these keys is common
     */
    private record Ring(
            Keyring all, Set<String> configured, @Nullable Others others, Set<String> common, String sealing) {

        boolean seals() {
            return others == null || common.contains(sealing);
        }
    }

    /** What those hold that joined before this replica, and those that joined after it, in that order. */
    private record Others(List<Set<String>> elder, List<Set<String>> younger) {}

    /**
     * What reading the keys again changed; the lists hold ids.
     *
     * @param added keys that were not here before
     * @param vanished keys that were in the files before and are not any more
     * @param problem why the new keys cannot be used, when that is not the same as the last time
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

    /** One that never changes and seals under the primary key. */
    static LiveKeyring of(Keyring keyring) {
        LiveKeyring fixed = new LiveKeyring(keyring, () -> keyring);
        fixed.agree(List.of(), List.of());
        return fixed;
    }

    /** The id of the key that seals; while {@link #seals()} is false, of the one that sealed last. */
    public String sealingId() {
        return ring.sealing();
    }

    /** Whether anything may be sealed. False when no key here is one that the replicas agree on: they could not open it. */
    public boolean seals() {
        return ring.seals();
    }

    /** Whether who holds the keys {@code ids} is one of those that agree. */
    public boolean isAgreedWith(Set<String> ids) {
        return ids.stream().anyMatch(ring.common()::contains);
    }

    /** The ids of all keys that open: those of the files in their order, then those that are only kept. */
    public Set<String> ids() {
        return ring.all().ids();
    }

    /** The id of the key that the files name first: the one that is going to seal. */
    public String primaryId() {
        return ring.all().primaryId();
    }

    /** The ids of keys that are in no file any more. */
    public Set<String> kept() {
        Ring now = ring;
        return now.all().ids().stream()
                .filter(id -> !now.configured().contains(id))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** Whether it was heard what the other replicas hold. */
    public boolean isAgreed() {
        return ring.others() != null;
    }

    /** Why the keys in the files cannot be used; those read before them are used on. */
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    /** Whether an unknown key was asked for since the files were read. */
    public boolean isUnknownKeyRequested() {
        return unknownKeyRequested.get();
    }

    /** Reads the keys again; blocks. What cannot be used as a whole changes nothing. */
    public Change reread() {
        unknownKeyRequested.set(false);
        try {
            Keyring read = source.get();
            if (refusesGuessableKeys && read.holdsGuessableKey()) {
                throw new IllegalStateException(
                        "one of the keys is one that everybody knows, or that nobody drew at random");
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
     * Seals from now on under the first key, of those in the files and then of the rest, that the others hold as well. Who has no key
     * in common with those that joined earlier is left out: it must not seal, and they go on as if it were not there.
     *
     * @param elder what each replica holds that joined before this one, in their order
     * @param younger what each holds that joined after it
     */
    public synchronized void agree(List<Set<String>> elder, List<Set<String>> younger) {
        ring = ring(
                ring.all(), ring.configured(), new Others(List.copyOf(elder), List.copyOf(younger)), ring.sealing());
    }

    /** Drops a key that is only {@link #kept()}. */
    public synchronized void forget(String id) {
        if (kept().contains(id)) {
            ring = ring(ring.all().without(id), ring.configured(), ring.others(), ring.sealing());
        }
    }

    /** The keys as they are at this moment: one that is forgotten next still opens with these. */
    Keyring all() {
        return ring.all();
    }

    /** As {@link Keyring#derive}; an unknown key makes the files be read soon. */
    byte[] derive(String id, byte[] info) {
        Keyring all = ring.all();
        if (!all.holds(id)) {
            unknownKeyRequested.set(true);
        }
        return all.derive(id, info);
    }

    /** While nothing is known of the others, the last key is the safest: whoever holds newer ones has held it for long. */
    private static Ring ring(Keyring all, Set<String> configured, @Nullable Others others, String before) {
        String last = List.copyOf(configured).getLast();
        if (others == null) {
            return new Ring(all, configured, null, Set.of(), last);
        }
        Set<String> common = common(others.elder(), all.ids(), others.younger());
        String sealing =
                all.ids().stream().filter(common::contains).findFirst().orElse(all.holds(before) ? before : last);
        return new Ring(all, configured, others, common, sealing);
    }

    /** The same on every replica that hears the same. */
    private static Set<String> common(List<Set<String>> elder, Set<String> here, List<Set<String>> younger) {
        Set<String> common = Set.of();
        for (Set<String> held :
                Stream.of(elder, List.of(here), younger).flatMap(List::stream).toList()) {
            Set<String> both = new HashSet<>(common.isEmpty() ? held : common);
            both.retainAll(held);
            common = both.isEmpty() ? common : both;
        }
        return common;
    }
}
