package io.nexus.oauth.provider;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Where providers are described, and how strict we are with their addresses. */
@ConfigMapping(prefix = "nexus.oauth.providers")
public interface ProvidersConfig {

    /**
     * Catalogue files of the operator, read after the built-in one; a directory stands for its {@code *.yaml} and {@code *.yml}
     * in the order of their names. An entry replaces the earlier one of the same id.
     */
    Optional<List<Path>> files();

    /** Whether {@code http://} is accepted for loopback hosts. For trying things out; tokens travel in clear text. */
    @WithDefault("false")
    boolean allowInsecureHttp();
}
