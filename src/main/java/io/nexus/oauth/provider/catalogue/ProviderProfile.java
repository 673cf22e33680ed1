package io.nexus.oauth.provider.catalogue;

import io.nexus.oauth.provider.entry.CatalogueSection;
import io.nexus.oauth.provider.entry.ClientCredentials;
import io.nexus.oauth.provider.entry.ExchangeCall;
import io.nexus.oauth.provider.entry.JwtBearer;
import io.nexus.oauth.provider.entry.ProfileTerm.AssertionAudience;
import io.nexus.oauth.provider.entry.ProfileTerm.BodyFormat;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import io.nexus.oauth.provider.entry.ProfileTerm.Expected;
import io.nexus.oauth.provider.entry.ProfileTerm.IdentitySource;
import io.nexus.oauth.provider.entry.ProfileTerm.Pkce;
import io.nexus.oauth.provider.entry.ProfileTerm.RevokeStyle;
import io.nexus.oauth.provider.entry.ProfileTerm.Rotation;
import io.nexus.oauth.provider.entry.ProfileTerm.TimeFormat;
import io.nexus.oauth.provider.entry.ProfileTerm.TokenKind;
import io.nexus.oauth.provider.entry.ProfileTerm.Unit;
import io.nexus.oauth.provider.entry.ProfileVariable;
import io.nexus.oauth.provider.entry.ProviderDisplay;
import io.nexus.oauth.provider.entry.TokenCall;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The description of one authorization server: an entry of the catalogue after inheritance and validation. URLs are templates in
 * which <code>${name}</code> stands for a variable; pointers are JSON pointers (RFC 6901) into a reply. Discovery finds a null URL.
 *
 * @param id the key in the catalogue
 * @param name the display name
 * @param display how the pages show it to a person
 * @param localOnly whether it exists only when the service runs in local mode
 * @param privateHosts the hosts that may be on a private network, or {@code .suffixes} of them; null leaves that to the settings
 * @param vars the variables that its templates may use
 * @param issuer where it publishes its metadata, or null
 * @param authorize the authorization request
 * @param token the request that exchanges a code
 * @param upgrade the request that trades the token of a code for one that lives longer, or null
 * @param refresh the refresh request, and its effect on the old tokens
 * @param clientCredentials the request of machine connections with client_credentials
 * @param jwtBearer the request of machine connections with an assertion, or null when the provider has none
 * @param tokenExchange the request that exchanges the token of a user, or null when the provider has none
 * @param response the places of the values in a token reply
 * @param ttl lifetimes assumed when the reply names none
 * @param revoke the revocation request
 * @param identity the source of the account's identity
 * @param api how consumers use the token
 * @param errors the provider's own errors
 */
public record ProviderProfile(
        String id,
        String name,
        ProviderDisplay display,
        boolean localOnly,
        @Nullable List<String> privateHosts,
        Map<String, ProfileVariable> vars,
        @Nullable Issuer issuer,
        Authorize authorize,
        TokenCall token,
        @Nullable TokenCall upgrade,
        Refresh refresh,
        ClientCredentials clientCredentials,
        @Nullable JwtBearer jwtBearer,
        @Nullable ExchangeCall tokenExchange,
        Response response,
        Lifetimes ttl,
        Revoke revoke,
        Identity identity,
        Api api,
        Errors errors) {
    /** Keeps the order of the variables. */
    public ProviderProfile {
        vars = CatalogueSection.inOrder(vars);
    }

    /** A provider of which only the name is known; everything else has its default. */
    public ProviderProfile(String id, String name) {
        this(
                id,
                name,
                ProviderDisplay.NONE,
                false,
                null,
                Map.of(),
                null,
                ProfileDefaults.AUTHORIZE,
                ProfileDefaults.TOKEN_CALL,
                null,
                ProfileDefaults.REFRESH,
                ClientCredentials.like(ProfileDefaults.TOKEN_CALL),
                null,
                null,
                ProfileDefaults.RESPONSE,
                ProfileDefaults.LIFETIMES,
                ProfileDefaults.REVOKE,
                ProfileDefaults.IDENTITY,
                new Api("Authorization: Bearer", null),
                ProfileDefaults.ERRORS);
    }

    /** The faults of the variables {@code given} by a client registration, by name; of missing ones too. */
    public Map<String, String> faultsOf(Map<String, String> given) {
        return ProfileVariable.faults(vars, given);
    }

    /** Whether a client registration chooses a host that the service sends requests to, bound by a pattern at most. */
    public boolean hasFreeHost() {
        return ProfileRules.hasFreeHost(this);
    }

    /**
     * The issuer.
     *
     * @param url the issuer, from which the address of the metadata is built
     * @param template the form of the metadata's {@code issuer} if it differs from {@code url}; <code>{x}</code> is a path segment
     * @param audience whom the assertion of a client names
     */
    public record Issuer(String url, @Nullable String template, AssertionAudience audience) {}

    /**
     * The authorization endpoint.
     *
     * @param url the endpoint, or null
     * @param params fixed parameters, in order
     * @param scopeSeparator the separator between scopes
     * @param scopeParams the parameter of each set of scopes; the first set takes scopes without a prefix
     * @param baseScopes scopes that are always requested
     * @param paramNames other names of standard parameters
     * @param omit standard parameters that are not sent
     * @param pkce whether a code challenge is sent
     * @param pushed whether the parameters are always pushed (RFC 9126), and not only when the metadata demands it
     * @param capture callback parameters kept as metadata, by metadata name
     */
    public record Authorize(
            @Nullable String url,
            Map<String, String> params,
            String scopeSeparator,
            Map<String, String> scopeParams,
            List<String> baseScopes,
            Map<String, String> paramNames,
            Set<String> omit,
            Pkce pkce,
            boolean pushed,
            Map<String, String> capture) {
        /** Keeps the order of what was written. */
        public Authorize {
            params = CatalogueSection.inOrder(params);
            scopeParams = CatalogueSection.inOrder(scopeParams);
        }
    }

    /**
     * The refresh.
     *
     * @param call the request
     * @param sendScope whether the scopes are repeated
     * @param rotation whether the refresh token is replaced; a new one in the reply is always kept
     * @param grace how long the replaced refresh token still works
     * @param revokesAccessToken whether a refresh invalidates earlier access tokens
     * @param reuseRevokesGrant whether the reuse of a spent refresh token revokes the whole grant
     * @param minInterval the minimum time between two refreshes of one grant
     */
    public record Refresh(
            TokenCall call,
            boolean sendScope,
            Rotation rotation,
            Duration grace,
            boolean revokesAccessToken,
            boolean reuseRevokesGrant,
            Duration minInterval) {
        private static final Duration MIN_USEFUL_GRACE = Duration.ofSeconds(20);

        /** Whether a lost response may mean a lost refresh token. */
        public boolean isRotating() {
            return rotation != Rotation.NEVER;
        }

        /** Whether a replaced refresh token works long enough for a second attempt. */
        public boolean hasUsefulGrace() {
            return isRotating() && grace.compareTo(MIN_USEFUL_GRACE) >= 0;
        }
    }

    /**
     * The places of the values in a token reply.
     *
     * @param fields pointers by standard name ({@code access_token}, {@code expires_in} ...)
     * @param unit the unit of {@code expires_in}
     * @param expiresAt the expiry as a point in time, or null
     * @param refreshExpiresAt the refresh token's expiry as a point in time, or null
     * @param ok the value that marks a successful reply, or null
     * @param keep pointers whose values become metadata
     */
    public record Response(
            Map<String, String> fields,
            Unit unit,
            @Nullable TimeField expiresAt,
            @Nullable TimeField refreshExpiresAt,
            @Nullable Expected ok,
            List<String> keep) {
        /** The pointer of the standard field {@code name}. */
        public String pointer(String name) {
            return fields.getOrDefault(name, "/" + name);
        }
    }

    /** A point in time in a reply. */
    public record TimeField(String at, TimeFormat format) {}

    /**
     * Lifetimes that are assumed when a reply names none.
     *
     * @param access of an access token, or null when unknown
     * @param endless whether access tokens without an expiry never expire
     * @param refreshIdle of an unused refresh token, or null
     * @param refreshMax of a refresh token, however often it is used, or null
     * @param refreshFixed of a refresh token, counted from the consent, or null
     */
    public record Lifetimes(
            @Nullable Duration access,
            boolean endless,
            @Nullable Duration refreshIdle,
            @Nullable Duration refreshMax,
            @Nullable Duration refreshFixed) {}

    /**
     * The revocation.
     *
     * @param style its shape
     * @param url the endpoint, or null
     * @param method the HTTP method
     * @param auth the client authentication
     * @param body the format of the parameters
     * @param param the parameter that holds the token
     * @param token which token is sent; the access token when there is no refresh token
     * @param params fixed parameters
     * @param endsGrant whether the whole grant is revoked, not one token
     */
    public record Revoke(
            RevokeStyle style,
            @Nullable String url,
            String method,
            ClientAuth auth,
            BodyFormat body,
            String param,
            TokenKind token,
            Map<String, String> params,
            boolean endsGrant) {}

    /**
     * The account's identity.
     *
     * @param from its source
     * @param url the endpoint, or null
     * @param method the HTTP method
     * @param headers fixed headers
     * @param body a fixed JSON body, or null
     * @param authScheme the scheme in {@code Authorization}, before the token
     * @param id the pointer to the stable id, or null when the provider discloses none
     * @param label pointers to names that a person recognises, the best first
     * @param email the pointer to an address that counts while the mark {@code _verified} beside it is true, or null
     * @param scopes scopes that the call needs; they are not requested automatically
     */
    public record Identity(
            IdentitySource from,
            @Nullable String url,
            String method,
            Map<String, String> headers,
            @Nullable String body,
            String authScheme,
            @Nullable String id,
            List<String> label,
            @Nullable String email,
            List<String> scopes) {}

    /** How consumers send the token, and the template of the API's address. */
    public record Api(String header, @Nullable String base) {}

    /** Error codes, and statuses of the provider's own replies, after which the user has to connect again or the service waits. */
    public record Errors(Set<String> permanent, Set<Integer> permanentHttp, Set<String> rateLimited) {}
}
