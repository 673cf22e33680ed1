package io.nexus.oauth.crypto.wrapping;

import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The Transit secrets engine of HashiCorp Vault or OpenBao that opens wrapped master keys. */
public interface TransitConfig {

    /** The URL of the server without {@code /v1}. It must be https, unless its host is one of {@code http-hosts}. */
    Optional<URI> url();

    /** The mount path of the engine. */
    @WithDefault("transit")
    String mount();

    /** The name of the engine's key. */
    @WithDefault("nexus-oauth")
    String key();

    /** The namespace of the engine and of the login, for servers that have namespaces. */
    Optional<String> namespace();

    /**
     * A file with a token, read for each request. Without this file and without a Kubernetes role, an agent in between must add the
     * token.
     */
    Optional<Path> tokenFile();

    /** The role for a login with a Kubernetes service account, instead of a token file. */
    Optional<String> kubernetesRole();

    /** The mount path of the Kubernetes login. */
    @WithDefault("kubernetes")
    String kubernetesMount();

    /** The file with the token of the service account, read for each login. */
    @WithDefault("/var/run/secrets/kubernetes.io/serviceaccount/token")
    Path kubernetesTokenFile();

    /** A PEM file with the only authorities that may certify the server. Without it the authorities of the Java runtime count. */
    Optional<Path> caFile();

    /** How long the service waits for one key, including the login. */
    @WithDefault("5s")
    Duration timeout();

    /** Hosts that the service may reach without TLS: an agent on {@code 127.0.0.1}, or a mesh that encrypts on its own. */
    Optional<List<String>> httpHosts();
}
