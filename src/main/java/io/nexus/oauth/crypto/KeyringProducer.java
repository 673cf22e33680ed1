package io.nexus.oauth.crypto;

import io.nexus.oauth.credential.Secret;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Reads the keyring, at the start and whenever it may have changed. Makes no key and changes no file. */
@ApplicationScoped
class KeyringProducer {

    private static final String KEY = "nexus.oauth.encryption.key";

    /** Throws {@link IllegalStateException} when no key is configured, {@link CryptoException.InvalidKey} for a bad one. */
    @Produces
    @Singleton
    Keyring keyring(KeyringConfig config) {
        return read(config);
    }

    /** As {@link #keyring}; blocks. */
    static Keyring read(KeyringConfig config) {
        List<MasterKey> keys = new ArrayList<>();
        config.keyFiles().orElse(List.of()).forEach(file -> keys.addAll(inFile(file)));
        config.key().ifPresent(value -> keys.addAll(inProperty(value)));
        if (keys.isEmpty()) {
            throw new IllegalStateException("There is no encryption key. Make one with"
                    + " `openssl rand -base64 32 | tr '+/' '-_'` and give it as a file in"
                    + " nexus.oauth.encryption.key-files (NEXUS_OAUTH_ENCRYPTION_KEY_FILES) or as text in "
                    + KEY + " (NEXUS_OAUTH_ENCRYPTION_KEY). Keep a copy: without it nothing stored can be read.");
        }
        return Keyring.from(keys);
    }

    private static List<MasterKey> inFile(Path file) {
        List<MasterKey> keys = keys(file.toString(), " line ", lines(file));
        if (keys.isEmpty()) {
            throw new CryptoException.InvalidKey(file.toString(), "the file holds no key");
        }
        return keys;
    }

    private static List<MasterKey> inProperty(String value) {
        return keys(KEY, " entry ", List.of(value.split(",")));
    }

    private static List<MasterKey> keys(String source, String unit, List<String> texts) {
        List<MasterKey> keys = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i).strip();
            if (!text.isEmpty() && !text.startsWith("#")) {
                keys.add(new MasterKey(source + unit + (i + 1), Secret.of(text)));
            }
        }
        return keys;
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new CryptoException.InvalidKey(file.toString(), "the file cannot be read");
        }
    }
}
