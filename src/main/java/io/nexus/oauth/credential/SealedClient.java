package io.nexus.oauth.credential;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An OAuth client registration as it is stored: one for each tenant and provider.
 *
 * @param tenant the owner
 * @param provider the provider's id
 * @param clientId the client identifier
 * @param clientSecret the sealed client secret, or null for a public client
 * @param secondSecret the sealed second secret, which the service tries when the provider rejects the first; or null
 * @param scopes the scopes to request when the caller names none
 * @param omittedScopes base scopes of the provider that are not requested
 * @param redirectUri the registered redirect URI, or null for the service's own
 * @param vars values of the provider's template variables
 * @param createdAt when it was registered
 * @param updatedAt when it last changed
 */
public record SealedClient(
        TenantId tenant,
        String provider,
        String clientId,
        @Nullable SealedSecret clientSecret,
        @Nullable SealedSecret secondSecret,
        Scopes scopes,
        Scopes omittedScopes,
        @Nullable String redirectUri,
        Map<String, String> vars,
        Instant createdAt,
        Instant updatedAt) {

    /** Copies the variables. */
    public SealedClient {
        vars = Map.copyOf(vars);
    }

    /** The place of the client secret of {@code provider}, bound to the variables with which it may be used. */
    public static SecretPlace place(TenantId tenant, String provider, Map<String, String> vars) {
        return new SecretPlace(tenant, provider, "client_secret", vars);
    }

    /** The place of the second client secret of {@code provider}, bound to the variables with which it may be used. */
    public static SecretPlace secondPlace(TenantId tenant, String provider, Map<String, String> vars) {
        return new SecretPlace(tenant, provider, "second_client_secret", vars);
    }
}
