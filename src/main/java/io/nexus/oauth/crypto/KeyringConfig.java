package io.nexus.oauth.crypto;

import io.nexus.oauth.crypto.wrapping.TransitConfig;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where the master keys are. Files come first, then {@link #key()}; the very first key is the primary one, all others only
 * open what was sealed under them, until every replica has the first. A value that is empty or blank counts as not set. With no key at all the service does
 * not start: it never makes one itself.
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
     * Files that hold keys, one a line; empty lines and lines that start with {@code #} are ignored. A file that is listed
     * has to be readable and to hold a key, so that a mount that failed does not silently make another key the primary. A line
     * that starts with {@code vault:v} is a key wrapped by the {@link #transit()} engine.
     */
    Optional<List<Path>> keyFiles();

    /**
     * How often the files are read again. A key that is put into them counts without a restart; shorter costs a few reads of
     * small files.
     */
    @WithDefault("10s")
    Duration rereadEvery();

    /** How many rows a second a rotation seals anew at most; a pause follows each batch. */
    @WithDefault("1000")
    int rotationRate();

    /** Who opens wrapped keys. */
    TransitConfig transit();
}
