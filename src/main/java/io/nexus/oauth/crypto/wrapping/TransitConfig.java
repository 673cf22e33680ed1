package io.nexus.oauth.crypto.wrapping;

import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The Transit secrets engine of HashiCorp Vault or OpenBao that unwraps master keys. */
public interface TransitConfig {

    /**
     * The server's address without {@code /v1}; https unless its host is one of {@link #httpHosts()}. Not set: no
     * engine is used.
     */
    Optional<URI> url();

    /** The mount path of the engine. */
    @WithDefault("transit")
    String mount();

    /** The name of the engine's key. */
    @WithDefault("nexus-oauth")
    String key();

    /** The namespace of both, where the server has namespaces. */
    Optional<String> namespace();

    /**
     * A file with a token, which the service reads for each request. Without it and {@link #kubernetesRole()}, an agent
     * in between must add the token.
     */
    Optional<Path> tokenFile();

    /** The role of the Kubernetes login with a service account's token, instead of a token file. */
    Optional<String> kubernetesRole();

    /** The mount path of the Kubernetes login. */
    @WithDefault("kubernetes")
    String kubernetesMount();

    /** The file with the service account's token, which the service reads for each login. */
    @WithDefault("/var/run/secrets/kubernetes.io/serviceaccount/token")
    Path kubernetesTokenFile();

    /**
     * A PEM file with the only certificate authorities that the service trusts for this server; without it, those of
     * the Java runtime.
     */
    Optional<Path> caFile();

    /** The time limit for one key, including the login. */
    @WithDefault("5s")
    Duration timeout();

    /** Hosts that the service may call without TLS: an agent on 127.0.0.1, or a service mesh that encrypts. */
    Optional<List<String>> httpHosts();
}
