package io.nexus.oauth.token.client;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithParentName;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** OAuth client registrations in the configuration. A registration by REST for the same tenant and provider takes precedence. */
@ConfigMapping(prefix = "nexus.oauth.clients")
interface ClientsConfig {

    /** The registrations. You choose the name of each. */
    @WithParentName
    Map<String, Client> all();

    /** One registration. */
    interface Client {

        /** The id of the provider in the catalogue. Required. */
        String provider();

        /** The tenant that may use the client. Without it every tenant may. */
        Optional<String> tenant();

        /** The client identifier at the provider. Required. */
        String clientId();

        /** The client secret. Prefer a file: other processes can read an environment. */
        Optional<String> clientSecret();

        /** A file with the client secret. The service reads it again after a change. */
        Optional<Path> clientSecretFile();

        /**
         * A second client secret. The service tries it once whenever the provider refuses the first. To replace a secret, put the new
         * one here, activate it at the provider, then make it the first.
         */
        Optional<String> secondClientSecret();

        /** A file with the second client secret. The service reads it again after a change. */
        Optional<Path> secondClientSecretFile();

        /**
         * How the client authenticates, by the names of RFC 7591: {@code client_secret_basic}: HTTP Basic, {@code client_secret_basic_raw}:
         * HTTP Basic without form encoding, {@code client_secret_post}: in the body, {@code client_secret_jwt}: an assertion under the
         * secret, {@code private_key_jwt}: an assertion under a private key, {@code tls_client_auth}: a certificate of an authority that
         * the provider trusts, {@code self_signed_tls_client_auth}: a certificate that the provider knows, {@code none}: a public client.
         * The provider's profile decides without it.
         */
        Optional<String> tokenEndpointAuthMethod();

        /** The algorithm of the assertion under a private key: RS256, PS256 or ES256. The default depends on the key. */
        Optional<String> tokenEndpointAuthSigningAlg();

        /** Whom an assertion names, {@code issuer} or {@code token_endpoint}. The provider's profile decides without it. */
        Optional<String> assertionAudience();

        /**
         * A file with the private key that signs assertions: PKCS#8 or PKCS#1 in PEM, with its certificate if the provider wants one, a
         * JSON Web Key, or the key file of a service account. The service reads it again after a change. Beside a client secret, and
         * without {@code token-endpoint-auth-method}, it signs the grant jwt-bearer only.
         */
        Optional<Path> privateKeyFile();

        /**
         * A file with the certificate chain of {@code private-key-file} in PEM, that of the client first, if the chain is not in that file.
         * The service reads both again after a change. While they do not fit, it goes on with the last pair and writes a warning.
         */
        Optional<Path> certificateFile();

        /** The provider's id of the private key, if the file does not name it. */
        Optional<String> privateKeyId();

        /** A file with a second private key. The service tries it once whenever the provider refuses the first. */
        Optional<Path> secondPrivateKeyFile();

        /** A file with the certificate chain of {@code second-private-key-file}. */
        Optional<Path> secondCertificateFile();

        /** The provider's id of the second private key, if the file does not name it. */
        Optional<String> secondPrivateKeyId();

        /**
         * A file with a JWT of the platform that authenticates the client, for example a projected service account token. The service
         * reads it again after a change and sends it in place of a signed assertion.
         */
        Optional<Path> clientAssertionFile();

        /** The scopes to request when the caller names none. */
        Optional<List<String>> scopes();

        /** Base scopes of the provider that the service does not request, for example {@code offline_access} where it is forbidden. */
        Optional<List<String>> omittedScopes();

        /** The redirect URI that is registered at the provider. The default is the callback of this service for the provider. */
        Optional<String> redirectUri();

        /**
         * Whether tenants may create machine connections with this client, if it is one for all tenants. They then get tokens of the
         * client itself, with all that it may do at the provider. It never allows the grant {@code jwt-bearer}, with which a tenant
         * would choose for whom the client asks.
         */
        @WithDefault("false")
        boolean machineConnections();

        /**
         * Whether tenants may exchange tokens of their users with this client, if it is one for all tenants. The provider then issues
         * tokens of those users to the operator's client.
         */
        @WithDefault("false")
        boolean tokenExchange();

        /** The values of the provider's variables, for example {@code tenant} of Microsoft. */
        Map<String, String> vars();
    }
}
