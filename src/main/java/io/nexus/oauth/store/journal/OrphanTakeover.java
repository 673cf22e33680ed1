package io.nexus.oauth.store.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Takes over the files of ended processes in the directory. It deletes them once their entries are safe in this
 * process's files, and keeps files with records that this version does not understand. All methods block; for the
 * journal's thread only.
 */
final class OrphanTakeover {

    static final String SEGMENT = ".journal";

    private static final Logger LOG = Logger.getLogger(OrphanTakeover.class);
    private static final Pattern NAME = Pattern.compile("([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})" + "(?:"
            + Pattern.quote(OwnerLock.SUFFIX) + "|-[0-9]+" + Pattern.quote(SEGMENT) + ")");

    private final Path directory;
    private final Set<String> unreadable = new HashSet<>();

    /**
     * The attempts that are already safe, of owners whose files still exist: these entries may be settled before the
     * last one fits.
     */
    private final Map<String, Set<UUID>> safeAttempts = new HashMap<>();

    private final Set<String> warned = new HashSet<>();
    private final AtomicInteger count = new AtomicInteger();
    private volatile boolean complete;
    private volatile boolean alone;

    OrphanTakeover(Path directory) {
        this.directory = directory;
    }

    /** Receives the entries of an ended process. */
    interface Receiver {
        /** Takes entries over and returns how many, from the first on, are safe now. */
        int takeOver(List<JournalRecord.Written> unsettled);

        /** Remembers settled entries of an ended process as far as there is room. False when the disk failed. */
        boolean remember(List<JournalRecord.Written> settled);
    }

    /**
     * Takes over the files of all ended processes. Files that cannot be read or deleted wait for the next call.
     */
    void adopt(Receiver receiver) throws IOException {
        for (String owner : owners()) {
            if (!unreadable.contains(owner)) {
                try (OwnerLock lock = OwnerLock.takeOver(directory, owner)) {
                    if (lock != null && adopt(lock, receiver)) {
                        count.incrementAndGet();
                    }
                } catch (IOException e) {
                    warnOnce(owner, e);
                }
            }
        }
        alone = owners().size() == 1;
        complete = true;
    }

    /** How many ended processes were taken over as a whole; grows only. Any thread may ask. */
    int count() {
        return count.get();
    }

    /** Whether all was taken over that there was room for. Any thread may ask. */
    boolean isComplete() {
        return complete;
    }

    /** Whether no other process had files in the directory when it was last looked at. Any thread may ask. */
    boolean isAlone() {
        return alone;
    }

    private boolean adopt(OwnerLock lock, Receiver receiver) throws IOException {
        String owner = lock.owner();
        JournalReader found = new JournalReader();
        for (Path file : files(owner)) {
            found.read(file);
        }
        Set<UUID> safe = safeAttempts.computeIfAbsent(owner, ignored -> new HashSet<>());
        List<JournalRecord.Written> rest = found.unsettled().stream()
                .filter(entry -> !safe.contains(entry.attempt()))
                .toList();
        int takenOver = receiver.takeOver(rest);
        rest.subList(0, takenOver).forEach(entry -> safe.add(entry.attempt()));
        if (takenOver < rest.size() || !receiver.remember(found.settled())) {
            return false;
        }
        report(owner, found);
        if (found.foreign() > 0) {
            unreadable.add(owner);
            return false;
        }
        for (Path file : files(owner)) {
            Files.deleteIfExists(file);
        }
        lock.remove();
        safeAttempts.remove(owner);
        return true;
    }

    private void report(String owner, JournalReader found) {
        if (!found.unsettled().isEmpty()) {
            LOG.infof(
                    "took over %d token responses of ended process %s that are not in the database yet",
                    found.unsettled().size(), owner);
        }
        if (found.damaged() > 0) {
            LOG.warnf("%d bytes in the journal of %s were damaged", found.damaged(), owner);
        }
        if (found.foreign() > 0) {
            LOG.warnf(
                    "%d records in %s/%s-*%s are of another version; the files are kept",
                    found.foreign(), directory, owner, SEGMENT);
        }
    }

    private void warnOnce(String owner, IOException e) {
        if (warned.add(owner)) {
            LOG.warnf(
                    "Cannot take over the journal of ended process %s in %s; its files are kept: %s",
                    owner, directory, e.toString());
        }
    }

    private Set<String> owners() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> NAME.matcher(file.getFileName().toString()))
                    .filter(Matcher::matches)
                    .map(match -> match.group(1))
                    .collect(Collectors.toSet());
        }
    }

    private List<Path> files(String owner) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> {
                        String name = file.getFileName().toString();
                        return name.startsWith(owner + "-")
                                && NAME.matcher(name).matches();
                    })
                    .toList();
        }
    }
}
