package io.nexus.oauth.token.client;

import io.nexus.oauth.provider.assertion.AssertionFiles;
import io.nexus.oauth.provider.assertion.AssertionFiles.Unusable;
import io.nexus.oauth.provider.assertion.BroughtKey;
import io.nexus.oauth.provider.assertion.ClientCertificate;
import io.nexus.oauth.provider.assertion.ClientKey.Algorithm;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The files of the configuration with private keys of clients. They are read at each use. Where a key and its certificate are two files,
 * somebody may read one of them before and the other after they were renewed: the last pair is used then, until its certificate ends.
 * Blocks.
 */
final class ClientKeyFiles {

    private static final Logger LOG = Logger.getLogger(ClientKeyFiles.class);

    /** How long before the end of a certificate the log warns. */
    static final Duration ENDS_SOON = Duration.ofDays(30);

    /** The last pair of each file of the configuration. */
    private final Map<Path, BroughtKey> pairs = new ConcurrentHashMap<>();

    /** What the log has for each file. */
    private final Map<Path, String> logged = new ConcurrentHashMap<>();

    /**
     * A key of the configuration.
     *
     * @param key its file
     * @param certificate the file with its certificate chain; empty when {@code key} has it, or there is none
     * @param id its id; empty for that of the file
     */
    record KeyFile(Path key, Optional<Path> certificate, Optional<String> id) {}

    /** The key. Throws {@link Unusable} when it cannot be used, and no pair was there before. */
    BroughtKey read(KeyFile file, @Nullable Algorithm algorithm, Instant now) {
        if (file.certificate().isEmpty()) {
            return AssertionFiles.key(file.key(), algorithm, file.id().orElse(null), now);
        }
        try {
            BroughtKey pair = AssertionFiles.certified(
                    file.key(), file.certificate().get(), algorithm, file.id().orElse(null), now);
            pairs.put(file.key(), pair);
            warnOfEnd(file, pair, now);
            return pair;
        } catch (Unusable e) {
            BroughtKey last = pairs.get(file.key());
            if (last == null
                    || certificate(last).filter(each -> !each.hasEnded(now)).isEmpty()) {
                throw e;
            }
            warn(file, e.getMessage() + ": the service uses the pair of before");
            return last;
        }
    }

    private void warnOfEnd(KeyFile file, BroughtKey pair, Instant now) {
        Optional<Instant> end = certificate(pair)
                .map(each -> each.details().notAfter())
                .filter(each -> now.isAfter(each.minus(ENDS_SOON)));
        if (end.isPresent()) {
            warn(
                    file,
                    file.certificate().orElseThrow() + " has a certificate that ends at " + end.get() + ": renew it");
        } else {
            logged.remove(file.key());
        }
    }

    private static Optional<ClientCertificate> certificate(BroughtKey pair) {
        return pair.key().certificate();
    }

    /** Once for each change. */
    private void warn(KeyFile file, String what) {
        if (!what.equals(logged.put(file.key(), what))) {
            LOG.warnf("nexus.oauth.clients: %s", what);
        }
    }
}
