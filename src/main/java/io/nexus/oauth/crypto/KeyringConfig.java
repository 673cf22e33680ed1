package io.nexus.oauth.crypto;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Where the master keys are. Files come first, then {@link #key()}; the very first key is the primary one, all others only
 * open what was sealed under them. A value that is empty or blank counts as not set. With no key at all the service does
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
     * has to be readable and to hold a key, so that a mount that failed does not silently make another key the primary.
     */
    Optional<List<Path>> keyFiles();
}
