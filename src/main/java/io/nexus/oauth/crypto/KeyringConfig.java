package io.nexus.oauth.crypto;

import io.nexus.oauth.crypto.wrapping.TransitConfig;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The master keys. The files come first, then {@link #key()}. The very first key is the primary: it seals as soon as every replica
 * has it, and all other keys only open what they sealed. An empty value counts as not set. Without any key the service does not
 * start; it never creates one outside local mode.
 */
@ConfigMapping(prefix = "nexus.oauth.encryption")
public interface KeyringConfig {

    /**
     * Master keys as text, separated by commas. Each key is 32 bytes in base64url. A change needs a restart. Prefer
     * {@link #keyFiles()} in production: other processes can read an environment in {@code /proc} and in crash dumps, so the service
     * logs a warning at its start.
     */
    Optional<String> key();

    /**
     * Files with master keys, one key a line; the first key is the primary. {@code openssl rand -base64 32 | tr '+/' '-_'} makes one.
     * The service ignores empty lines and lines that start with {@code #}. Each file must be readable and hold a key: a failed mount
     * then cannot make another key the primary. A line that starts with {@code vault:v} is a key that a Transit engine has wrapped.
     */
    Optional<List<Path>> keyFiles();

    /** How often the service reads the key files again. A new key in them needs no restart. */
    @WithDefault("10s")
    Duration rereadEvery();

    /** The largest number of rows that a rotation seals per second. The rotation pauses after each batch. */
    @WithDefault("1000")
    int rotationRate();

    /** The Transit engine that opens wrapped keys. */
    TransitConfig transit();
}
