package io.nexus.oauth.access.caller;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** How callers authenticate, and their permissions. */
@ConfigMapping(prefix = "nexus.oauth.access")
public interface AccessConfig {

    /**
     * A file with the first API key: one line of at least 32 visible characters, for example from {@code openssl rand
     * -hex 32}. The key has every role except exporter in the tenant {@code default}. Issue the other keys with it,
     * then remove the file.
     */
    Optional<Path> bootstrapKeyFile();

    /** The default lifetime of an API key. */
    @WithDefault("90d")
    Duration keyLifetime();

    /** The maximum lifetime of an API key. */
    @WithDefault("366d")
    Duration maxKeyLifetime();

    /** The maximum lifetime of a session of the pages. A longer one helps an attacker who finds an open browser. */
    @WithDefault("8h")
    Duration pageSession();

    /** A YAML file with the policies for callers without an API key. */
    Optional<Path> policyFile();

    /** How often the policy file is checked for changes. */
    @WithDefault("5s")
    Duration policyFileEvery();

    /** The trusted issuers, each by a name that the operator chooses. */
    Map<String, IssuerConfig> issuers();

    /** Whether callers may authenticate with a client certificate. The service itself must terminate TLS. */
    @WithDefault("none")
    ClientCertificates clientCertificates();

    /** How the service handles client certificates. */
    enum ClientCertificates {
        /** The service requests none. */
        NONE,
        /** The service requests one and accepts it as a credential; callers with another credential send none. */
        REQUEST,
        /**
         * A TLS connection requires one, so it is the only credential. The plain port cannot require one; in production
         * the service starts only when {@code quarkus.http.insecure-requests} closes that port.
         */
        REQUIRED
    }
}
