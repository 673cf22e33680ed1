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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Takes over what processes that ended left in the directory. Their files are deleted after what they alone held is safe, and not at all
 * while something in them is not understood. Everything blocks; for the journal's thread only.
 */
final class OrphanTakeover {

    static final String SEGMENT = ".journal";

    private static final Logger LOG = Logger.getLogger(OrphanTakeover.class);
    private static final Pattern NAME = Pattern.compile("([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})" + "(?:"
            + Pattern.quote(OwnerLock.SUFFIX) + "|-[0-9]+" + Pattern.quote(SEGMENT) + ")");

    private final Path directory;
    private final Set<String> left = new HashSet<>();

    /** What is safe already of those whose files are still there: it may be settled and forgotten before the last of it fits. */
    private final Map<String, Set<UUID>> taken = new HashMap<>();

    private final Set<String> complained = new HashSet<>();

    OrphanTakeover(Path directory) {
        this.directory = directory;
    }

    /** Who takes over. */
    interface Heir {
        /** How many of them, from the first on, are safe with the heir now. */
        int inherit(List<JournalRecord.Written> unsettled);
    }

    /** Adopts everything of everybody who is gone. What cannot be read or deleted is left for the next time. */
    void adopt(Heir heir) throws IOException {
        for (String owner : owners()) {
            if (!left.contains(owner)) {
                try (OwnerLock lock = OwnerLock.takeOver(directory, owner)) {
                    if (lock != null) {
                        adopt(lock, heir);
                    }
                } catch (IOException e) {
                    complain(owner, e);
                }
            }
        }
    }

    private void adopt(OwnerLock lock, Heir heir) throws IOException {
        String owner = lock.owner();
        JournalReader found = new JournalReader();
        for (Path file : files(owner)) {
            found.read(file);
        }
        Set<UUID> safe = taken.computeIfAbsent(owner, ignored -> new HashSet<>());
        List<JournalRecord.Written> rest = found.unsettled().stream()
                .filter(entry -> !safe.contains(entry.attempt()))
                .toList();
        int inherited = heir.inherit(rest);
        rest.subList(0, inherited).forEach(entry -> safe.add(entry.attempt()));
        if (inherited < rest.size()) {
            return;
        }
        report(owner, found);
        if (found.foreign() > 0) {
            left.add(owner);
            return;
        }
        for (Path file : files(owner)) {
            Files.deleteIfExists(file);
        }
        lock.remove();
        taken.remove(owner);
    }

    private void report(String owner, JournalReader found) {
        if (!found.unsettled().isEmpty()) {
            LOG.infof(
                    "took over %d answers that %s had not in the database yet",
                    found.unsettled().size(), owner);
        }
        if (found.damaged() > 0) {
            LOG.warnf("%d bytes in the journal of %s were damaged", found.damaged(), owner);
        }
        if (found.foreign() > 0) {
            LOG.warnf(
                    "%d records in %s/%s-*%s are of another version: the files are kept",
                    found.foreign(), directory, owner, SEGMENT);
        }
    }

    private void complain(String owner, IOException e) {
        if (complained.add(owner)) {
            LOG.warnf("what %s left in %s cannot be taken over and is kept: %s", owner, directory, e.toString());
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
