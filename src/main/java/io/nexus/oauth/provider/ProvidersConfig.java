package io.nexus.oauth.provider;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Catalogue files of providers, and which addresses the service may connect to. */
@ConfigMapping(prefix = "nexus.oauth.providers")
interface ProvidersConfig {

    /**
     * Catalogue files of the operator, read after the built-in one; a directory stands for its {@code *.yaml} and
     * {@code *.yml} in the order of their names. An entry replaces the earlier one of the same id.
     */
    Optional<List<Path>> files();

    /**
     * Hosts of providers that are on a private network: names, or {@code .suffixes} of names. The service connects to
     * any other host at public addresses only.
     */
    Optional<List<String>> privateHosts();

    /**
     * A PEM file with certificate authorities to trust in addition to those of the Java runtime. Read once at start-up.
     */
    Optional<Path> caFile();

    /**
     * Whether the service may connect to this machine, also by {@code http://}. For local trials only: tokens travel in
     * clear text.
     */
    @WithDefault("false")
    boolean allowInsecureHttp();
}
