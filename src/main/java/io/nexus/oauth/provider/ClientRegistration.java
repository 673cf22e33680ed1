package io.nexus.oauth.provider;

import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
        @Nullable TenantId owner) {

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
        this(provider, clientId, clientSecret, secondSecret, scopes, Scopes.NONE, redirectUri, vars, null);
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

    /** The same client as one that {@code tenant} registers. */
    public ClientRegistration ownedBy(TenantId tenant) {
        return new ClientRegistration(
                provider, clientId, clientSecret, secondSecret, scopes, omittedScopes, redirectUri, vars, tenant);
    }

    /** The same client without the base scopes {@code omitted}. */
    public ClientRegistration omitting(Scopes omitted) {
        return new ClientRegistration(
                provider, clientId, clientSecret, secondSecret, scopes, omitted, redirectUri, vars, owner);
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

    /** The same client with only its second secret; empty when it does not have both. */
    Optional<ClientRegistration> second() {
        return clientSecret == null || secondSecret == null
                ? Optional.empty()
                : Optional.of(new ClientRegistration(
                        provider, clientId, secondSecret, null, scopes, omittedScopes, redirectUri, vars, owner));
    }
}
