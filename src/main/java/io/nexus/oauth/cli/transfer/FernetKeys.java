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
 * The keys under which the original may have encrypted, each with the place it was found in. It changed that place several times,
 * and rows of all times stand side by side, so every row is tried with every key.
 */
final class FernetKeys {

    /** Where the original kept its key, in the order in which it looked. */
    private static final List<String> FILES = List.of(".nexus/encryption.key", ".nexus/auth/oauth.key");

    private static final Opening OPENING = new Opening();

    private final Map<String, Key> keys = new LinkedHashMap<>();
    private final Map<String, Long> opened = new LinkedHashMap<>();

    /** Those of the user's environment and home. */
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

    /** Adds a key that the user named: it has to be one. */
    private void add(String place, String text) {
        if (!addIfFit(place, text)) {
            throw CommandFailure.usage(place + " holds no Fernet key: 44 characters of base64url");
        }
    }

    /** Adds what was found in {@code place}, when it is a key. */
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

    /** The clear text; empty when no key opens it. */
    Optional<String> open(String sealed) {
        for (Map.Entry<String, Key> entry : keys.entrySet()) {
            try {
                String text = Token.fromString(sealed).validateAndDecrypt(entry.getValue(), OPENING);
                opened.merge(entry.getKey(), 1L, Long::sum);
                return Optional.of(text);
            } catch (TokenValidationException | IllegalArgumentException e) {
                // the next one then
            }
        }
        return Optional.empty();
    }

    /** The places of the keys and how many texts each opened. */
    Map<String, Long> opened() {
        Map<String, Long> all = new LinkedHashMap<>();
        keys.keySet().forEach(place -> all.put(place, opened.getOrDefault(place, 0L)));
        return all;
    }

    /** Opens texts of any age: the original never looked at the time in them. */
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
