package io.nexus.oauth.provider.catalogue;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The provider catalogue, and the rules for requests to providers. */
@ConfigMapping(prefix = "nexus.oauth.providers")
public interface ProvidersConfig {

    /**
     * Your own catalogue files. A directory stands for its {@code *.yaml} and {@code *.yml} files in the order of their names. The
     * service reads them after the built-in catalogue, and an entry replaces an earlier entry with the same id. A fault in a file
     * stops the start; the message names the file, the provider and the key.
     */
    Optional<List<Path>> files();

    /**
     * Hosts inside your network for every provider whose entry has no {@code private_hosts}: host names, or suffixes such as {@code
     * .idp.example.com}. Name them in {@code private_hosts} of one provider instead: an administrator of a tenant can point a client of
     * some providers, such as {@code oidc}, at each host in this list. The service reaches other hosts only at public addresses,
     * whatever the name resolves to.
     */
    Optional<List<String>> privateHosts();

    /**
     * A PEM file with certificate authorities that the service trusts in addition to those of the Java runtime. The service reads the
     * file once, at its start.
     */
    Optional<Path> caFile();

    /**
     * Whether providers and callers' issuers on this machine may be used, also by {@code http://}. Tokens then travel in clear text,
     * so this is for tests. Local mode sets {@code true}. Production refuses to start with it.
     */
    @WithDefault("false")
    boolean allowInsecureHttp();
}
