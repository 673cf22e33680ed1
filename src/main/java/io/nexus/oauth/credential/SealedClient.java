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
 * @param secondSecret the sealed second secret, tried when the first is refused, or null
 * @param scopes what is asked for when the caller asks for nothing
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
        @Nullable String redirectUri,
        Map<String, String> vars,
        Instant createdAt,
        Instant updatedAt) {

    /** Copies the variables. */
    public SealedClient {
        vars = Map.copyOf(vars);
    }

    /** Where the client secret of {@code provider} is kept, and with which variables it may be used. */
    public static SecretPlace place(TenantId tenant, String provider, Map<String, String> vars) {
        return new SecretPlace(tenant, provider, "client_secret", vars);
    }

    /** Where the second client secret of {@code provider} is kept, and with which variables it may be used. */
    public static SecretPlace secondPlace(TenantId tenant, String provider, Map<String, String> vars) {
        return new SecretPlace(tenant, provider, "second_client_secret", vars);
    }
}
