package io.nexus.oauth.token.machine;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithParentName;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Machine connections in the configuration. The service creates each one, and applies changed values. One that you remove here stays:
 * revoke its credential.
 */
@ConfigMapping(prefix = "nexus.oauth.connections")
interface ConnectionsConfig {

    /** The value of {@link Connection#tenant} for all tenants. */
    List<String> ALL_TENANTS = List.of("*");

    /** The connections. You choose the name of each. */
    @WithParentName
    Map<String, Connection> all();

    /** One connection. */
    interface Connection {

        /** The id of the provider in the catalogue. Required. */
        String provider();

        /** The name with which applications ask for the token. Required. */
        String user();

        /**
         * The tenant, or several: each gets a connection of its own, and sees no other. With {@code oidc-client}, {@code *} is every
         * tenant that has an API key, an OAuth client or a credential.
         */
        @WithDefault("default")
        List<String> tenant();

        /**
         * The id of a client of the [Quarkus OIDC client](../how-to/machine-connections.md#use-a-quarkus-oidc-client) that gets the
         * tokens: {@code billing} is {@code quarkus.oidc-client.billing}. It has its own scopes and audience, so the connection
         * has none. Without this key the registered OAuth client asks.
         */
        Optional<String> oidcClient();

        /** The grant: {@code client_credentials} or {@code urn:ietf:params:oauth:grant-type:jwt-bearer}. */
        @WithDefault("client_credentials")
        String grantType();

        /** The scopes to request. Without them the provider grants its default. */
        Optional<List<String>> scopes();

        /** The parameter {@code audience} of the token request, if the provider needs one. */
        Optional<String> audience();

        /** For whom the client asks with the grant jwt-bearer, as the provider's entry describes it. */
        Optional<String> subject();

        /** The APIs for which the token is meant, as absolute URIs (RFC 8707). */
        Optional<List<String>> resource();
    }
}
