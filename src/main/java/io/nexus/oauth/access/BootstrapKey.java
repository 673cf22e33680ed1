package io.nexus.oauth.access;

import io.nexus.oauth.access.caller.AccessConfig;
import io.nexus.oauth.credential.Secret;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The first API key, from a file; the operator issues all other keys with it. Read once at start-up. */
@ApplicationScoped
class BootstrapKey {

    private static final int MIN_LENGTH = 32;

    private final Optional<Secret> key;

    BootstrapKey(AccessConfig config) {
        this.key = config.bootstrapKeyFile().map(BootstrapKey::read);
    }

    /** The key, if there is one. */
    Optional<Secret> key() {
        return key;
    }

    boolean matches(String text) {
        return key.isPresent() && !text.isEmpty() && key.get().equals(Secret.of(text));
    }

    private static Secret read(Path file) {
        String text;
        try {
            text = Files.readString(file).strip();
        } catch (IOException e) {
            throw new IllegalStateException("nexus.oauth.access.bootstrap-key-file cannot be read: " + file);
        }
        if (text.length() < MIN_LENGTH || !text.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
            throw new IllegalStateException("nexus.oauth.access.bootstrap-key-file must hold one line of " + MIN_LENGTH
                    + " visible characters at least: " + file);
        }
        return Secret.of(text);
    }
}
