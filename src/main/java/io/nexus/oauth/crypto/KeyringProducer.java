package io.nexus.oauth.crypto;

import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.crypto.wrapping.KeyWrapper;
import io.nexus.oauth.crypto.wrapping.TransitWrapper;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the keyring at the start and whenever it may have changed. Generates no key and changes no file. It unwraps a
 * key once and caches it while its text is in the files, so the key service may be unavailable while nothing changes.
 */
@ApplicationScoped
class KeyringProducer {

    private static final String KEY = "nexus.oauth.encryption.key";

    private final KeyringConfig config;
    private final KeyWrapper wrapper;
    private Map<String, Secret> opened = Map.of();

    @Inject
    KeyringProducer(KeyringConfig config, Vertx vertx) {
        this(config, new TransitWrapper(vertx, config.transit()));
    }

    KeyringProducer(KeyringConfig config, KeyWrapper wrapper) {
        this.config = config;
        this.wrapper = wrapper;
    }

    /** As {@link #read()}. */
    @Produces
    @Singleton
    Keyring keyring() {
        return read();
    }

    /**
     * Reads the keyring; blocks. Throws {@link IllegalStateException} when no key is configured, {@link
     * CryptoException.InvalidKey} for an invalid key and {@link CryptoException.NotUnwrapped} for one that the key
     * service does not unwrap.
     */
    synchronized Keyring read() {
        List<MasterKey> found = new ArrayList<>();
        config.keyFiles().orElse(List.of()).forEach(file -> found.addAll(inFile(file)));
        config.key().ifPresent(value -> found.addAll(inProperty(value)));
        if (found.isEmpty()) {
            throw new IllegalStateException("No encryption key is configured. Generate one with"
                    + " `openssl rand -base64 32 | tr '+/' '-_'` and configure it as a file in"
                    + " nexus.oauth.encryption.key-files (NEXUS_OAUTH_ENCRYPTION_KEY_FILES) or as text in "
                    + KEY
                    + " (NEXUS_OAUTH_ENCRYPTION_KEY). Keep a copy: without it, stored secrets cannot be decrypted.");
        }
        Map<String, Secret> used = new HashMap<>();
        Keyring keyring =
                Keyring.from(found.stream().map(key -> open(key, used)).toList());
        opened = used;
        return keyring;
    }

    private MasterKey open(MasterKey key, Map<String, Secret> used) {
        String text = key.text().reveal();
        if (!KeyWrapper.isWrapped(text)) {
            return key;
        }
        Secret known = opened.get(text);
        try {
            Secret plain = known == null ? wrapper.unwrap(text) : known;
            used.put(text, plain);
            return new MasterKey(key.source(), plain);
        } catch (KeyWrapper.Refusal e) {
            throw new CryptoException.NotUnwrapped(key.source(), String.valueOf(e.getMessage()));
        }
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
