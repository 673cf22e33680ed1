package io.nexus.oauth.access.caller;

import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A trusted issuer of the tokens that callers send: a company's identity provider, or a Kubernetes API server. */
public interface IssuerConfig {

    /** The {@code iss} of its tokens, compared exactly. */
    String issuer();

    /** Accepted audiences; the token's {@code aud} must contain one of them. */
    List<String> audience();

    /** The accepted signature algorithms (RFC 7518 section 3.1); asymmetric ones only. */
    @WithDefault("RS256,RS384,RS512,PS256,PS384,PS512,ES256,ES384,ES512,EdDSA")
    List<String> algorithms();

    /** How far the clocks of issuer and service may differ. */
    @WithDefault("30s")
    Duration leeway();

    /** The URL of its keys (RFC 7517). Without this and without a file, OpenID Connect Discovery finds the keys. */
    Optional<URI> jwksUrl();

    /** A file with its keys, read again as often as keys from a URL are fetched. */
    Optional<Path> jwksFile();

    /** A file with the bearer token for its server, such as the pod's own token; read for each fetch. */
    Optional<Path> tokenFile();

    /** A file with the certificate authorities (PEM) trusted for its server; read for each fetch. */
    Optional<Path> caFile();

    /** How old its keys may become before they are fetched again. */
    @WithDefault("10m")
    Duration keysMaxAge();

    /** The minimum time between two fetches, whatever key a token names. */
    @WithDefault("10s")
    Duration keysMinInterval();

    /** The claim that names the caller: a name, or a path of names that begins with a slash. */
    @WithDefault("sub")
    String subjectClaim();

    /** The claim that names the caller's tenant or tenants. */
    Optional<String> tenantClaim();

    /** The tenant of all its callers, instead of a claim. */
    Optional<String> tenant();

    /** The claim that names the caller's roles at the issuer. */
    Optional<String> rolesClaim();

    /** The issuer's role names for each role of the service. */
    Map<String, List<String>> roles();

    /** How people sign in to the pages at this issuer; they cannot when it is not set. */
    Optional<SignIn> signIn();

    /**
     * The service as a client of the issuer (OpenID Connect Core 1.0 section 3.1), for people who sign in to the pages.
     */
    interface SignIn {

        /** The service's {@code client_id} at the issuer. */
        String clientId();

        /**
         * A file with the client secret, read for each sign-in. Without one the service is a public client; it uses
         * PKCE in any case.
         */
        Optional<Path> clientSecretFile();

        /** The requested scopes; {@code openid} is always requested. */
        @WithDefault("openid")
        List<String> scopes();

        /** The issuer's name on the sign-in button; by default its name in the configuration. */
        Optional<String> label();
    }
}
