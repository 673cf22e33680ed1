package io.nexus.oauth.token.client;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithParentName;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** OAuth client registrations in the configuration. One made by the API for the same tenant and provider has precedence. */
@ConfigMapping(prefix = "nexus.oauth.clients")
interface ClientsConfig {

    /** The registrations, each under a name that the operator chooses. */
    @WithParentName
    Map<String, Client> all();

    /** One registration. */
    interface Client {

        /** The provider's id in the catalogue. */
        String provider();

        /** The tenant that may use the client; all tenants when absent. */
        Optional<String> tenant();

        /** The client identifier. */
        String clientId();

        /** The client secret. Prefer {@link #clientSecretFile()}: other processes can read an environment variable. */
        Optional<String> clientSecret();

        /** A file with the client secret; read at each use. */
        Optional<Path> clientSecretFile();

        /**
         * Tried once when the provider refuses the first secret. To rotate: set it here, switch the provider, then make it
         * the first.
         */
        Optional<String> secondClientSecret();

        /** A file with the second client secret; read at each use. */
        Optional<Path> secondClientSecretFile();

        /** The scopes to request when the caller requests none. */
        Optional<List<String>> scopes();

        /** The registered redirect URI; the service's callback URL for the provider when absent. */
        Optional<String> redirectUri();

        /** The values of the provider's template variables. */
        Map<String, String> vars();
    }
}
