package io.nexus.oauth.access.policy;

import io.nexus.oauth.access.caller.AccessConfig;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jboss.logging.Logger;

/**
 * The operator's policies in a mounted file. It is read again and again, because a mounted ConfigMap changes by the swap of a
 * link that watchers miss. A file that cannot be used stops the start; later it changes nothing, and health and metrics say so.
 */
@ApplicationScoped
public class PolicyFile {

    private static final Logger LOG = Logger.getLogger(PolicyFile.class);
    private static final int LARGEST = 1024 * 1024;

    private final Optional<Path> file;
    private final Clock clock;
    private final Queue<Loaded> untold = new ConcurrentLinkedQueue<>();
    private volatile Content content = new Content("", List.of(), false);

    PolicyFile(AccessConfig config, Clock clock) {
        this.file = config.policyFile();
        this.clock = clock;
        reread();
        if (content.rejected()) {
            throw new IllegalStateException("nexus.oauth.access.policy-file cannot be used: " + content.text());
        }
    }

    /** Makes the reading happen, and fail, at the start and not at the first request. */
    void atStart(@Observes Startup event) {}

    @Scheduled(
            every = "{nexus.oauth.access.policy-file-every}",
            identity = "policy-file",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    void reread() {
        Content before = content;
        file.ifPresent(path -> {
            String text;
            try {
                text = read(path);
            } catch (IOException e) {
                reject(before, "it cannot be read");
                return;
            }
            if (!text.equals(before.text())) {
                take(before, text);
            }
        });
    }

    /** The policies of the newest file that could be used. The same list until they change. */
    List<Policy> policies() {
        return content.policies();
    }

    /** Whether there is such a file. */
    public boolean isConfigured() {
        return file.isPresent();
    }

    /** Whether the file as it is now was refused, so that an older one counts. */
    public boolean isRejected() {
        return content.rejected();
    }

    /** How many policies count. */
    public int size() {
        return content.policies().size();
    }

    /** The files that count or counted since their line of the trail was last {@link #told}, the oldest first. */
    List<Loaded> untold() {
        return List.copyOf(untold);
    }

    /** There is a line of the trail for {@code loaded}. */
    void told(Loaded loaded) {
        untold.remove(loaded);
    }

    private void take(Content before, String text) {
        try {
            List<Policy> policies = PolicyText.parse(text);
            content = new Content(text, policies, false);
            untold.add(new Loaded(clock.instant(), digest(text), policies.size()));
            LOG.infof("the policy file has %d policies", policies.size());
        } catch (IllegalArgumentException e) {
            reject(before, String.valueOf(e.getMessage()));
        }
    }

    /** Told once for each kind of fault. */
    private void reject(Content before, String fault) {
        if (!before.rejected() || !before.text().equals(fault)) {
            LOG.errorf("the policy file is refused, the policies before it still count: %s", fault);
        }
        content = new Content(fault, before.policies(), true);
    }

    private static String digest(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static String read(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] bytes = in.readNBytes(LARGEST + 1);
            if (bytes.length > LARGEST) {
                throw new IOException("too large");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /**
     * A file from which on other policies count.
     *
     * @param at since when
     * @param digest the SHA-256 of its text, as {@code sha256sum} shows it
     * @param size how many policies it has
     */
    record Loaded(Instant at, String digest, int size) {}

    /**
     * What was read last.
     *
     * @param text of the file, or what is wrong with it
     * @param policies those that count
     * @param rejected whether the file cannot be used
     */
    private record Content(String text, List<Policy> policies, boolean rejected) {}
}
