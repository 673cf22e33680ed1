package io.nexus.oauth.crypto.wrapping;

import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A Transit secrets engine of HashiCorp Vault or OpenBao that opens wrapped master keys. */
public interface TransitConfig {

    /** The server's address without {@code /v1}; https unless its host is one of {@link #httpHosts()}. Without it there is none. */
    Optional<URI> url();

    /** Where the engine is mounted. */
    @WithDefault("transit")
    String mount();

    /** The name of the engine's key. */
    @WithDefault("nexus-oauth")
    String key();

    /** The namespace of both, where the server has namespaces. */
    Optional<String> namespace();

    /** A file with a token, read for each request; without it and {@link #kubernetesRole()} an agent in between has to add one. */
    Optional<Path> tokenFile();

    /** The role to log in to with a service account's token, instead of a token file. */
    Optional<String> kubernetesRole();

    /** Where the Kubernetes login is mounted. */
    @WithDefault("kubernetes")
    String kubernetesMount();

    /** The service account's token, read for each login. */
    @WithDefault("/var/run/secrets/kubernetes.io/serviceaccount/token")
    Path kubernetesTokenFile();

    /** PEM file with the only authorities that may vouch for the server; without it those of the Java runtime. */
    Optional<Path> caFile();

    /** How long one key may take, the login included. */
    @WithDefault("5s")
    Duration timeout();

    /** Hosts that may be spoken to in clear text: an agent on 127.0.0.1, or a mesh that encrypts by itself. */
    Optional<List<String>> httpHosts();
}
