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
 * The operator's policies in a mounted file. The file is polled, because a mounted ConfigMap changes by replacing a
 * link, which file watchers miss. An invalid file fails the start-up. If the file becomes invalid later, the previous
 * policies stay in force, and health and metrics report it.
 */
@ApplicationScoped
public class PolicyFile {

    private static final Logger LOG = Logger.getLogger(PolicyFile.class);
    private static final int MAX_BYTES = 1024 * 1024;

    private final Optional<Path> file;
    private final Clock clock;
    private final Queue<Loaded> unrecorded = new ConcurrentLinkedQueue<>();
    private volatile Content content = new Content("", List.of(), false);

    PolicyFile(AccessConfig config, Clock clock) {
        this.file = config.policyFile();
        this.clock = clock;
        reread();
        if (content.rejected()) {
            throw new IllegalStateException("nexus.oauth.access.policy-file cannot be used: " + content.text());
        }
    }

    /** Forces the file to be read at start-up, so that a fault is found then and not at the first request. */
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
                reject(before, "the file cannot be read");
                return;
            }
            if (!text.equals(before.text())) {
                load(before, text);
            }
        });
    }

    /** The policies of the last valid file. The same list instance until they change. */
    List<Policy> policies() {
        return content.policies();
    }

    /** Whether a policy file is configured. */
    public boolean isConfigured() {
        return file.isPresent();
    }

    /** Whether the current file is invalid, so that the previous policies are in force. */
    public boolean isRejected() {
        return content.rejected();
    }

    /** The number of policies in force. */
    public int size() {
        return content.policies().size();
    }

    /** The loaded files that have no audit record yet, the oldest first. */
    List<Loaded> unrecorded() {
        return List.copyOf(unrecorded);
    }

    /** Marks {@code loaded} as recorded in the audit trail. */
    void recorded(Loaded loaded) {
        unrecorded.remove(loaded);
    }

    private void load(Content before, String text) {
        try {
            List<Policy> policies = PolicyText.parse(text);
            content = new Content(text, policies, false);
            unrecorded.add(new Loaded(clock.instant(), digest(text), policies.size()));
            LOG.infof("loaded %d policies from the policy file", policies.size());
        } catch (IllegalArgumentException e) {
            reject(before, String.valueOf(e.getMessage()));
        }
    }

    /** Logs each fault once. */
    private void reject(Content before, String fault) {
        if (!before.rejected() || !before.text().equals(fault)) {
            LOG.errorf("the policy file is invalid, the previous policies stay in force: %s", fault);
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
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new IOException("too large");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /**
     * A version of the file whose policies took effect.
     *
     * @param at when
     * @param digest the SHA-256 of the file, as {@code sha256sum} shows it
     * @param size the number of policies
     */
    record Loaded(Instant at, String digest, int size) {}

    /**
     * The result of the last read.
     *
     * @param text the text of the file, or its fault
     * @param policies the policies in force
     * @param rejected whether the file is invalid
     */
    private record Content(String text, List<Policy> policies, boolean rejected) {}
}
