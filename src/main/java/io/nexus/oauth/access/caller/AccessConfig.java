package io.nexus.oauth.access.caller;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The callers: API keys, trusted issuers, policies, client certificates and sign-in to the pages. */
@ConfigMapping(prefix = "nexus.oauth.access")
public interface AccessConfig {

    /**
     * A file with the first API key: one line of at least 32 visible characters, for example from {@code openssl rand -hex 32}. The
     * key has every role except {@code exporter} in the tenant {@code default}. Create the other keys with it, then remove the file.
     */
    Optional<Path> bootstrapKeyFile();

    /** The lifetime of a new API key when the caller names none. */
    @WithDefault("90d")
    Duration keyLifetime();

    /** The longest lifetime that a caller can choose for an API key. */
    @WithDefault("366d")
    Duration maxKeyLifetime();

    /**
     * How long a user stays signed in to the pages at most. A longer time also helps anyone who finds an open browser.
     */
    @WithDefault("8h")
    Duration pageSession();

    /** A YAML file with the policies of callers that use no API key. */
    Optional<Path> policyFile();

    /** How often the service checks the policy file for changes. */
    @WithDefault("5s")
    Duration policyFileEvery();

    /** The issuers whose tokens the service accepts. You choose the name of each. */
    Map<String, IssuerConfig> issuers();

    /**
     * Whether callers may authenticate with a client certificate. TLS then ends at this service
     * ({@code quarkus.http.ssl.certificate.*}), and production needs a trust store that holds only your own authority.
     */
    @WithDefault("none")
    ClientCertificates clientCertificates();

    /** Whether the service asks callers for a client certificate. */
    enum ClientCertificates {
        /** The service asks for no certificate. */
        NONE,
        /** A certificate is one way to authenticate. Callers with another credential present none. */
        REQUEST,
        /**
         * No TLS connection succeeds without a certificate, so it is the only credential. The plain port asks for none: production
         * starts only when {@code quarkus.http.insecure-requests} closes it.
         */
        REQUIRED
    }
}
