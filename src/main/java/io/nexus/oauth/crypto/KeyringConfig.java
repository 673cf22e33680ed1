package io.nexus.oauth.crypto;

import io.nexus.oauth.crypto.wrapping.TransitConfig;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The master keys. Files come first, then {@link #key()}. The first key of all is the primary one and seals as soon as
 * every replica has it; the others only decrypt. An empty or blank value counts as not set. Without any key the service
 * does not start: it never generates one.
 */
@ConfigMapping(prefix = "nexus.oauth.encryption")
public interface KeyringConfig {

    /**
     * Keys as text, separated by commas; also the environment variable {@code NEXUS_OAUTH_ENCRYPTION_KEY}. Each is 32 bytes
     * in base64url. Prefer {@link #keyFiles()} in production: an environment is readable in {@code /proc} and in crash
     * dumps.
     */
    Optional<String> key();

    /**
     * Files with keys, one per line; empty lines and lines that start with {@code #} are ignored. Every listed file
     * must be readable and hold a key, so that a failed mount does not silently make another key the primary. A line
     * that starts with {@code vault:v} is a key wrapped by the {@link #transit()} engine.
     */
    Optional<List<Path>> keyFiles();

    /**
     * How often the service reads the files again. A key added to them takes effect without a restart. A shorter
     * interval costs a few reads of small files.
     */
    @WithDefault("10s")
    Duration rereadEvery();

    /** The highest number of rows per second that a rotation re-seals; a pause follows each batch. */
    @WithDefault("1000")
    int rotationRate();

    /** The Transit engine that unwraps keys. */
    TransitConfig transit();
}
