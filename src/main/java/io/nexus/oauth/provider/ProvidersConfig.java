package io.nexus.oauth.provider;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where providers are described, and how strict we are with their addresses. */
@ConfigMapping(prefix = "nexus.oauth.providers")
interface ProvidersConfig {

    /**
     * Catalogue files of the operator, read after the built-in one; a directory stands for its {@code *.yaml} and {@code *.yml}
     * in the order of their names. An entry replaces the earlier one of the same id.
     */
    Optional<List<Path>> files();

    /**
     * Hosts of providers that are on a private network: names, or {@code .suffixes} of names. All others are talked to only where the
     * public Internet is, whatever their name resolves to.
     */
    Optional<List<String>> privateHosts();

    /** A PEM file with authorities whose certificates are accepted beside those that the Java runtime trusts. Read once, at the start. */
    Optional<Path> caFile();

    /** Whether this machine is talked to, also by {@code http://}. For trying things out; tokens travel in clear text. */
    @WithDefault("false")
    boolean allowInsecureHttp();
}
