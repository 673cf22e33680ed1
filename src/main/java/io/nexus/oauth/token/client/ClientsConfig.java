package io.nexus.oauth.token.client;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithParentName;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** OAuth client registrations by configuration; those made by REST for the same tenant and provider win. */
@ConfigMapping(prefix = "nexus.oauth.clients")
interface ClientsConfig {

    /** The registrations under names of the operator's choice. */
    @WithParentName
    Map<String, Client> all();

    /** One registration. */
    interface Client {

        /** The provider's id in the catalogue. */
        String provider();

        /** The tenant that may use it; every tenant when absent. */
        Optional<String> tenant();

        /** The client identifier. */
        String clientId();

        /** The client secret. Prefer {@link #clientSecretFile()}: an environment can be read by others. */
        Optional<String> clientSecret();

        /** A file that holds the client secret; read anew after it changed. */
        Optional<Path> clientSecretFile();

        /** Tried once when the provider refuses the first: put the new secret here, switch at the provider, then move it up. */
        Optional<String> secondClientSecret();

        /** A file that holds the second client secret; read anew after it changed. */
        Optional<Path> secondClientSecretFile();

        /** What is asked for when the caller asks for nothing. */
        Optional<List<String>> scopes();

        /** The registered redirect URI; the service's own callback of the provider when absent. */
        Optional<String> redirectUri();

        /** Values of the provider's template variables. */
        Map<String, String> vars();
    }
}
