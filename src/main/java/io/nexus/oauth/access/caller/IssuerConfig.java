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

    /** The {@code iss} claim of the issuer's tokens, compared exactly. Required. */
    String issuer();

    /** The accepted audiences: the {@code aud} claim of a token must contain one of them. Required. */
    List<String> audience();

    /**
     * Whether the service accepts ID tokens of callers, too. An ID token tells a client who signed in, and its audience is that
     * client. Set this only if the issuer has no access tokens for this service.
     */
    @WithDefault("false")
    boolean acceptIdTokens();

    /** The accepted signature algorithms (RFC 7518 section 3.1). Only asymmetric algorithms are possible. */
    @WithDefault("RS256,RS384,RS512,PS256,PS384,PS512,ES256,ES384,ES512,EdDSA")
    List<String> algorithms();

    /** How far the clocks of the issuer and this service may differ, at most five minutes. */
    @WithDefault("30s")
    Duration leeway();

    /**
     * The URL of the issuer's keys (RFC 7517). Without this URL and without a file the service uses OpenID Connect Discovery. The host
     * may have a public or private address, but no special one such as a link-local address.
     */
    Optional<URI> jwksUrl();

    /** A file with the issuer's keys, for a service that cannot reach the issuer. The service reads it again as often as it would fetch the keys. */
    Optional<Path> jwksFile();

    /**
     * A file with a bearer token for the server of the keys, for example the token of the service's own pod. The service reads it for
     * each fetch and sends it to that server only.
     */
    Optional<Path> tokenFile();

    /** A PEM file with the certificate authorities of the server of the keys. The service reads it for each fetch. */
    Optional<Path> caFile();

    /** How long the service uses fetched keys before it fetches them again. */
    @WithDefault("10m")
    Duration keysMaxAge();

    /** The shortest time between two fetches, also when tokens name unknown keys. */
    @WithDefault("10s")
    Duration keysMinInterval();

    /** The claim that names the caller: a name such as {@code sub}, or a path such as {@code /realm_access/roles}. */
    @WithDefault("sub")
    String subjectClaim();

    /** The claim that names the caller's tenant or tenants: a name or a path. */
    Optional<String> tenantClaim();

    /** One tenant for all callers of the issuer, instead of a tenant claim. */
    Optional<String> tenant();

    /**
     * The claim that names the caller's roles: a name or a path. For users who sign in to the pages, the service reads this claim and the
     * tenant claim from the ID token. A claim that the ID token lacks comes from the access token, if the service accepts that token from
     * callers, or else from the issuer's userinfo endpoint.
     */
    Optional<String> rolesClaim();

    /** The values of the roles claim that give a role of this service, for each role. Values that are not listed give nothing. */
    Map<String, List<String>> roles();

    /** How users sign in to the pages at this issuer. Without it they cannot. */
    Optional<SignIn> signIn();

    /** How callers exchange the tokens of this issuer's users at the token endpoint. Without it they cannot. */
    Optional<SubjectTokens> subjectTokens();

    /** Tokens that say for which user a caller asks (RFC 8693 section 2.1, {@code subject_token}). */
    interface SubjectTokens {

        /**
         * The claim that names the user exactly as the accounts of this service do: a name or a path. For {@code email} the claim
         * {@code email_verified} must be true. Required for exchange.
         */
        String userClaim();

        /** The accepted audiences of a user's token. The default is the issuer's {@code audience}. */
        Optional<List<String>> audience();
    }

    /** This service as an OpenID Connect client of the issuer (Core 1.0 section 3.1), for users who sign in to the pages. */
    interface SignIn {

        /** The {@code client_id} of this service at the issuer. Without it users cannot sign in to the pages there. */
        String clientId();

        /** A file with the client secret, read for each sign-in. Without it the service is a public client; it uses PKCE in both cases. */
        Optional<Path> clientSecretFile();

        /** The requested scopes. The service always adds {@code openid}. Most issuers send the user's name for {@code profile} only. */
        @WithDefault("openid,profile")
        List<String> scopes();

        /** The name of the issuer on the sign-in button. The default is its name in these settings. */
        Optional<String> label();

        /**
         * The claim with the name that the pages show for a user: a name or a path. The default is the first of {@code name},
         * {@code preferred_username} and {@code email} that the issuer sends, or else the subject. The audit trail always has the subject.
         */
        Optional<String> nameClaim();

        /**
         * What the issuer asks at each sign-in (OpenID Connect Core 1.0 section 3.1.2.1): {@code login}, {@code select_account} or
         * {@code consent}, or several of them. By default the issuer decides: it usually signs in silently while its own session lasts.
         */
        Optional<List<String>> prompt();

        /**
         * Whether sign-out from the pages also ends the user's session at the issuer (OpenID Connect RP-Initiated Logout 1.0). Register
         * {@code <public URL>/ui/signed-out/<name>} there as a post-logout redirect URI. It needs {@code end_session_endpoint} in the
         * issuer's metadata.
         */
        @WithDefault("false")
        boolean issuerLogout();
    }
}
