package io.nexus.oauth.access.caller;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Who may call. */
@ConfigMapping(prefix = "nexus.oauth.access")
public interface AccessConfig {

    /**
     * A file with the first API key: one line of 32 visible characters at least, for example of {@code openssl rand -hex 32}. Its
     * holder has every role but exporter in the tenant {@code default}, makes the other keys with it, and should then take the file away.
     */
    Optional<Path> bootstrapKeyFile();

    /** How long an API key lives when its maker does not say. */
    @WithDefault("90d")
    Duration keyLifetime();

    /** How long an API key lives at most. */
    @WithDefault("366d")
    Duration maxKeyLifetime();

    /** How long somebody stays signed in to the pages at most. Longer only helps who finds an open browser. */
    @WithDefault("8h")
    Duration pageSession();

    /** A YAML file with what callers may do that are no API keys. */
    Optional<Path> policyFile();

    /** How often the policy file is looked at. */
    @WithDefault("5s")
    Duration policyFileEvery();

    /** Whose tokens are believed, by a name of the operator's. */
    Map<String, IssuerConfig> issuers();

    /** Whether callers may show a client certificate, over TLS that ends here. */
    @WithDefault("none")
    ClientCertificates clientCertificates();

    /** What is done about client certificates. */
    enum ClientCertificates {
        /** They are not asked for. */
        NONE,
        /** One is a credential; callers with another credential show none. */
        REQUEST,
        /**
         * Nobody gets a TLS connection without one, so it is the only credential. The plain port asks for none: {@code
         * quarkus.http.insecure-requests} closes it, and production does not start before.
         */
        REQUIRED
    }
}
