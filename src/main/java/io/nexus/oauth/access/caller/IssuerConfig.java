package io.nexus.oauth.access.caller;

import io.smallrye.config.WithDefault;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An issuer of tokens that callers show: a company's identity provider, or a Kubernetes API server. */
public interface IssuerConfig {

    /** The {@code iss} of its tokens, compared exactly. */
    String issuer();

    /** What {@code aud} must contain one of. */
    List<String> audience();

    /** The signature algorithms that are believed (RFC 7518 section 3.1); asymmetric ones only. */
    @WithDefault("RS256,RS384,RS512,PS256,PS384,PS512,ES256,ES384,ES512,EdDSA")
    List<String> algorithms();

    /** How much clocks may differ. */
    @WithDefault("30s")
    Duration leeway();

    /** Where its keys are (RFC 7517); found by OpenID Connect Discovery when neither this nor a file is set. */
    Optional<URI> jwksUrl();

    /** A file with its keys, read again as they would be fetched again. */
    Optional<Path> jwksFile();

    /** A file with the bearer token that its server asks for, read for each fetch: the pod's own. */
    Optional<Path> tokenFile();

    /** A file with the certificates (PEM) that its server's is checked against, read for each fetch. */
    Optional<Path> caFile();

    /** After what time its keys are fetched again. */
    @WithDefault("10m")
    Duration keysMaxAge();

    /** The least time between two fetches, whatever key a token names. */
    @WithDefault("10s")
    Duration keysMinInterval();

    /** The claim that names the caller: a name, or a path of names that begins with a slash. */
    @WithDefault("sub")
    String subjectClaim();

    /** The claim that names the caller's tenant or tenants. */
    Optional<String> tenantClaim();

    /** The tenant of all its callers, in the place of a claim. */
    Optional<String> tenant();

    /** The claim that names the caller's roles at the issuer. */
    Optional<String> rolesClaim();

    /** For each of our roles the names that the issuer has for it. */
    Map<String, List<String>> roles();

    /** How people sign in to the pages there; not at all when it is not set. */
    Optional<SignIn> signIn();

    /** We as a client of the issuer (OpenID Connect Core 1.0 section 3.1), for people who sign in to the pages. */
    interface SignIn {

        /** Our {@code client_id} there. */
        String clientId();

        /** A file with our secret, read for each sign-in; without one we are a public client, with PKCE as ever. */
        Optional<Path> clientSecretFile();

        /** What is asked for; {@code openid} is asked for in any case. */
        @WithDefault("openid")
        List<String> scopes();

        /** What the button calls the issuer; its name in the settings, if nothing is set. */
        Optional<String> label();
    }
}
