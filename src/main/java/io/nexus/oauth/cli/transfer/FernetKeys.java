package io.nexus.oauth.cli.transfer;

import com.macasaet.fernet.Key;
import com.macasaet.fernet.StringValidator;
import com.macasaet.fernet.Token;
import com.macasaet.fernet.TokenValidationException;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.TemporalAmount;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The Fernet keys that the original Nexus may have used, each with the place where it was found. The original changed that place
 * several times, and its table mixes rows of all versions. So each row is tried with each key.
 */
final class FernetKeys {

    /** The key files of the original, in its order of lookup. */
    private static final List<String> FILES = List.of(".nexus/encryption.key", ".nexus/auth/oauth.key");

    private static final Opening OPENING = new Opening();

    private final Map<String, Key> keys = new LinkedHashMap<>();
    private final Map<String, Long> opened = new LinkedHashMap<>();

    /** The keys in {@code file} or, if that is null, in the user's environment and home folder. */
    static FernetKeys found(Shell shell, @Nullable String file) {
        FernetKeys keys = new FernetKeys();
        if (file != null) {
            keys.add(file.equals("-") ? "standard input" : file, shell.secretFrom(file));
            return keys;
        }
        shell.env("NEXUS_OAUTH_ENCRYPTION_KEY").ifPresent(key -> keys.add("NEXUS_OAUTH_ENCRYPTION_KEY", key));
        for (String name : FILES) {
            Path path = shell.home().resolve(name);
            if (Files.isReadable(path)) {
                keys.addIfFit("~/" + name, read(path));
            }
        }
        return keys;
    }

    private static String read(Path path) {
        try {
            return Files.readString(path).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /** Adds a key that the user named. Fails when it is not a Fernet key. */
    private void add(String place, String text) {
        if (!addIfFit(place, text)) {
            throw CommandFailure.usage(place + " does not contain a Fernet key (44 characters of base64url)");
        }
    }

    /** Adds {@code text} if it is a Fernet key. Returns whether it is. */
    boolean addIfFit(String place, String text) {
        try {
            keys.putIfAbsent(place, new Key(text.strip()));
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    boolean isEmpty() {
        return keys.isEmpty();
    }

    /** Decrypts {@code sealed}; empty when no key decrypts it. */
    Optional<String> open(String sealed) {
        for (Map.Entry<String, Key> entry : keys.entrySet()) {
            try {
                String text = Token.fromString(sealed).validateAndDecrypt(entry.getValue(), OPENING);
                opened.merge(entry.getKey(), 1L, Long::sum);
                return Optional.of(text);
            } catch (TokenValidationException | IllegalArgumentException e) {
                // try the next key
            }
        }
        return Optional.empty();
    }

    /** The places of the keys, each with the number of texts that its key decrypted. */
    Map<String, Long> opened() {
        Map<String, Long> all = new LinkedHashMap<>();
        keys.keySet().forEach(place -> all.put(place, opened.getOrDefault(place, 0L)));
        return all;
    }

    /** Accepts texts of any age: the original did not check their time. */
    private static final class Opening implements StringValidator {

        private static final Duration ANY = Duration.ofDays(365L * 200);

        @Override
        public TemporalAmount getTimeToLive() {
            return ANY;
        }

        @Override
        public TemporalAmount getMaxClockSkew() {
            return ANY;
        }

        @Override
        public Predicate<String> getObjectValidator() {
            return text -> true;
        }
    }
}
