package io.nexus.oauth.provider.assertion;

import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.assertion.ClientKey.Algorithm;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads files of the operator: private keys of clients, and tokens of the platform that are sent as assertions. Blocks. */
public final class AssertionFiles {

    /** The most bytes that are read. */
    static final int MAX_BYTES = 64 * 1024;

    private AssertionFiles() {}

    /** What is wrong with a file. */
    public enum Fault {
        /** It is missing, too large, or cannot be read. */
        UNREADABLE,
        /** It holds something else. */
        INVALID,
        /** What it holds has ended. */
        EXPIRED
    }

    /** A file that cannot be used. The message contains nothing of the file. */
    public static final class Unusable extends IllegalArgumentException {
        private static final long serialVersionUID = 1;
        private final Fault fault;

        private Unusable(Fault fault, Path file, String what) {
            super(file + " " + what);
            this.fault = fault;
        }

        /** What is wrong. */
        public Fault fault() {
            return fault;
        }
    }

    /** The private key in {@code file}, as {@link BroughtKey#parse} reads it. Throws {@link Unusable}. */
    public static BroughtKey key(Path file, @Nullable Algorithm algorithm, @Nullable String id, Instant now) {
        String text = read(file);
        try {
            return BroughtKey.parse(text, algorithm, id, now);
        } catch (IllegalArgumentException e) {
            throw new Unusable(Fault.INVALID, file, String.valueOf(e.getMessage()));
        }
    }

    /**
     * As {@link #key}, with the certificate chain in the file {@code certificate}, as the platform renews both. Throws {@link Unusable}, also
     * when one of them is already new and the other is not.
     */
    public static BroughtKey certified(
            Path file, Path certificate, @Nullable Algorithm algorithm, @Nullable String id, Instant now) {
        String text = read(file) + '\n' + read(certificate);
        try {
            BroughtKey brought = BroughtKey.parse(text, algorithm, id, now);
            if (brought.key().certificate().isPresent()) {
                return brought;
            }
        } catch (IllegalArgumentException e) {
            throw new Unusable(Fault.INVALID, file, e.getMessage() + "; its certificate file is " + certificate);
        }
        throw new Unusable(Fault.INVALID, certificate, "holds no certificate");
    }

    /** The JWT in {@code file}, which must not have ended; its signature is for the provider. Throws {@link Unusable}. */
    public static Secret assertion(Path file, Instant now) {
        String text = read(file);
        Optional<Instant> end = ClientAssertions.end(text);
        if (end.isEmpty()) {
            throw new Unusable(Fault.INVALID, file, "holds no JWT with an end");
        }
        if (!now.isBefore(end.get())) {
            throw new Unusable(Fault.EXPIRED, file, "holds a token that ended at " + end.get());
        }
        return Secret.of(text);
    }

    private static String read(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new Unusable(Fault.UNREADABLE, file, "is larger than " + MAX_BYTES + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8).strip();
        } catch (IOException e) {
            throw new Unusable(Fault.UNREADABLE, file, "cannot be read");
        }
    }
}
