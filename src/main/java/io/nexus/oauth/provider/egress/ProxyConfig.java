package io.nexus.oauth.provider.egress;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The forward proxy for requests to providers and to callers' issuers. */
@ConfigMapping(prefix = "nexus.oauth.providers.proxy")
interface ProxyConfig {

    /**
     * The address of the forward proxy, such as {@code http://proxy.corp:3128}. Without this key the environment variable
     * {@code HTTPS_PROXY} counts. Requests to providers and to callers' issuers then go through the proxy ({@code CONNECT}); TLS runs
     * inside, from this service to the provider. The connection to the proxy itself is {@code http://} only. User and password belong
     * into {@code credentials-file}.
     */
    Optional<String> url();

    /**
     * A file with one line {@code user:password} for the proxy (HTTP Basic). The service reads it again when it changes, without a
     * restart.
     */
    Optional<Path> credentialsFile();

    /**
     * Hosts that the service reaches without the proxy. {@code idp.corp} is this name and all names below it, {@code .corp} is all
     * names below it, {@code 10.0.0.0/8} is a block of hosts that are written as addresses, and {@code *} is every host. A port may
     * follow: {@code idp.corp:8443}. Without this key the environment variable {@code NO_PROXY} counts. This machine is never reached
     * through the proxy.
     */
    Optional<List<String>> noProxy();

    /**
     * How the service names the provider to the proxy. {@code name} sends the host name, for proxies that filter by name or that alone
     * resolve public names; the service still checks the addresses of a name that it can resolve itself, within a second or two. {@code
     * address} sends the address that was checked, so the proxy cannot be led to another one. Choose it if you do not trust the
     * administrators of your tenants.
     */
    @WithDefault("name")
    ConnectBy connectBy();

    /** The target that a {@code CONNECT} names. */
    enum ConnectBy {
        /** The host name. */
        NAME,
        /** The address that was checked. */
        ADDRESS
    }
}
