package io.nexus.oauth.provider;

import io.nexus.oauth.credential.OidcClientId;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.assertion.ClientCertificate;
import io.nexus.oauth.provider.assertion.ClientKey;
import io.nexus.oauth.provider.assertion.ClientKey.Algorithm;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.entry.ProfileTerm.AssertionAudience;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import io.nexus.oauth.provider.metadata.Discovery;
import io.nexus.oauth.provider.reply.ProviderException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The service's client registration at an authorization server (RFC 6749 section 2, terms of RFC 7591).
 *
 * @param provider the provider's id in the catalogue
 * @param clientId the client identifier
 * @param clientSecret the client secret, or null for a public client
 * @param secondSecret sent when the first is rejected, so that a secret can be rotated without an outage; null when
 *     there is none
 * @param scopes the requested scopes when the caller names none
 * @param omittedScopes base scopes of the profile that are not requested for this client
 * @param redirectUri the address to which the provider redirects the browser, or null for the service's own callback
 * @param vars values of the profile's template variables (a directory tenant, a host)
 * @param authentication how the client authenticates, where the registration decides it
 * @param owner the tenant that registered the client and so chose its hosts, or null when the operator did. What the
 *     requests of the client use up is bounded for each owner
 */
public record ClientRegistration(
        String provider,
        String clientId,
        @Nullable Secret clientSecret,
        @Nullable Secret secondSecret,
        Scopes scopes,
        Scopes omittedScopes,
        @Nullable String redirectUri,
        Map<String, String> vars,
        Authentication authentication,
        @Nullable TenantId owner) {

    /** The code when the metadata of the provider does not offer the method of the client. */
    public static final String UNSUPPORTED_METHOD = "unsupported_auth_method";

    /** The code when the metadata of the provider does not offer the algorithm of the client. */
    public static final String UNSUPPORTED_ALGORITHM = "unsupported_signing_alg";

    /** Copies the variables. */
    public ClientRegistration {
        vars = Map.copyOf(vars);
    }

    /** A client of the operator, or one that is not stored yet. It requests all base scopes. */
    public ClientRegistration(
            String provider,
            String clientId,
            @Nullable Secret clientSecret,
            @Nullable Secret secondSecret,
            Scopes scopes,
            @Nullable String redirectUri,
            Map<String, String> vars) {
        this(
                provider,
                clientId,
                clientSecret,
                secondSecret,
                scopes,
                Scopes.NONE,
                redirectUri,
                vars,
                Authentication.BY_PROFILE,
                null);
    }

    /** As before, with one secret or none. */
    public ClientRegistration(
            String provider,
            String clientId,
            @Nullable Secret clientSecret,
            Scopes scopes,
            @Nullable String redirectUri,
            Map<String, String> vars) {
        this(provider, clientId, clientSecret, null, scopes, redirectUri, vars);
    }

    /** The client {@code id} of the Quarkus OIDC client, which the operator configured. */
    public static ClientRegistration ofOidcClient(String provider, String id) {
        return new ClientRegistration(provider, OidcClientId.of(id), null, Scopes.NONE, null, Map.of())
                .by(new Authentication(null, null, null, null, null, null, id));
    }

    /** The same client as one that {@code tenant} registers. */
    public ClientRegistration ownedBy(TenantId tenant) {
        return new ClientRegistration(
                provider,
                clientId,
                clientSecret,
                secondSecret,
                scopes,
                omittedScopes,
                redirectUri,
                vars,
                authentication,
                tenant);
    }

    /** The same client without the base scopes {@code omitted}. */
    public ClientRegistration omitting(Scopes omitted) {
        return new ClientRegistration(
                provider,
                clientId,
                clientSecret,
                secondSecret,
                scopes,
                omitted,
                redirectUri,
                vars,
                authentication,
                owner);
    }

    /** The same client that authenticates so. */
    public ClientRegistration by(Authentication other) {
        return new ClientRegistration(
                provider, clientId, clientSecret, secondSecret, scopes, omittedScopes, redirectUri, vars, other, owner);
    }

    /** {@code wanted} and the base scopes of {@code profile}, except those that this client leaves out. */
    public Scopes requested(Scopes wanted, ProviderProfile profile) {
        List<String> base = profile.authorize().baseScopes().stream()
                .filter(scope -> !omittedScopes.values().contains(scope))
                .toList();
        return wanted.plus(base);
    }

    /** The name of the owner, or null. */
    @Nullable String ownerName() {
        return owner == null ? null : owner.value();
    }

    /** The certificate that the client shows if it authenticates by {@code auth}, or null. */
    @Nullable ClientCertificate shown(ClientAuth auth) {
        ClientKey key = authentication.key();
        return auth.isTls() && key != null ? key.certificate().orElse(null) : null;
    }

    /** The same client with only its second key; empty when it has none. */
    Optional<ClientRegistration> withSecondKey() {
        return authentication.second().map(this::by);
    }

    /** The same client with only its second key or second secret, as {@code auth} uses one; empty when it has no second. */
    Optional<ClientRegistration> second(ClientAuth auth) {
        return auth.isByKey() ? withSecondKey() : withSecondSecret();
    }

    private Optional<ClientRegistration> withSecondSecret() {
        return clientSecret == null || secondSecret == null
                ? Optional.empty()
                : Optional.of(new ClientRegistration(
                        provider,
                        clientId,
                        secondSecret,
                        null,
                        scopes,
                        omittedScopes,
                        redirectUri,
                        vars,
                        authentication,
                        owner));
    }

    /**
     * How a client authenticates, where its registration decides it.
     *
     * @param method the method; null when the profile decides
     * @param algorithm the algorithm of the keys that the service makes; null for the default
     * @param audience whom its assertions name; null when the profile decides
     * @param key the key that signs its assertions: those that authenticate it, and those that are a grant (RFC 7523 section 2); and the
     *     one of its certificate (RFC 8705 section 2)
     * @param secondKey the key that is tried when the provider rejects the first
     * @param assertion an assertion that somebody else made, which is sent in place of a signed one
     * @param oidcClient the id of the client of the Quarkus OIDC client that authenticates itself, or null for one of this service
     */
    public record Authentication(
            @Nullable ClientAuth method,
            @Nullable Algorithm algorithm,
            @Nullable AssertionAudience audience,
            @Nullable ClientKey key,
            @Nullable ClientKey secondKey,
            @Nullable Secret assertion,
            @Nullable String oidcClient) {

        /** Of a client of this service. */
        public Authentication(
                @Nullable ClientAuth method,
                @Nullable Algorithm algorithm,
                @Nullable AssertionAudience audience,
                @Nullable ClientKey key,
                @Nullable ClientKey secondKey,
                @Nullable Secret assertion) {
            this(method, algorithm, audience, key, secondKey, assertion, null);
        }

        /** As the profile decides. */
        public static final Authentication BY_PROFILE = new Authentication(null, null, null, null, null, null);

        /** With these keys. */
        public Authentication with(@Nullable ClientKey first, @Nullable ClientKey second) {
            return new Authentication(method, algorithm, audience, first, second, assertion, oidcClient);
        }

        private Optional<Authentication> second() {
            return Optional.ofNullable(secondKey).map(second -> with(second, null));
        }

        /** Throws Misconfigured when {@code metadata} names what the server offers, and this is not among it. */
        void requireOffered(String provider, Discovery.Document metadata) {
            String name =
                    method == ClientAuth.BASIC_RAW ? ClientAuth.nameOf(ClientAuth.BASIC) : ClientAuth.nameOf(method);
            require(provider, UNSUPPORTED_METHOD, "token_endpoint_auth_method " + name, name, metadata.authMethods());
            if (method == ClientAuth.PRIVATE_KEY_JWT) {
                String used = Objects.requireNonNullElse(key == null ? algorithm : key.algorithm(), Algorithm.RS256)
                        .name();
                require(
                        provider,
                        UNSUPPORTED_ALGORITHM,
                        "token_endpoint_auth_signing_alg " + used,
                        used,
                        metadata.signingAlgorithms());
            }
        }

        private static void require(
                String provider, String code, String what, @Nullable String name, @Nullable Set<String> offered) {
            if (name != null && offered != null && !offered.contains(name)) {
                throw new ProviderException.Misconfigured(
                        provider,
                        code,
                        "its metadata does not offer " + what + "; it offers "
                                + (offered.isEmpty() ? "none that the service has" : String.join(", ", offered)));
            }
        }
    }
}
