package io.nexus.oauth.credential;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
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
 * @param authentication how the client authenticates
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
        Authentication authentication,
        Instant createdAt,
        Instant updatedAt) {

    /** Copies the variables. */
    public SealedClient {
        vars = Map.copyOf(vars);
    }

    /**
     * How a client authenticates, in the terms of RFC 7591 section 2.
     *
     * @param method the method; null when the provider's profile decides
     * @param algorithm the algorithm of its assertions; null for the default
     * @param audience whom its assertions name, {@code issuer} or {@code token_endpoint}; null when the profile decides
     * @param keySet the name of its published key set; null when it never had a key
     * @param keys its keys, oldest first
     */
    public record Authentication(
            @Nullable String method,
            @Nullable String algorithm,
            @Nullable String audience,
            @Nullable UUID keySet,
            List<Key> keys) {

        /** As the profile decides. */
        public static final Authentication BY_PROFILE = new Authentication(null, null, null, null, List.of());

        /** Copies the keys. */
        public Authentication {
            keys = List.copyOf(keys);
        }
    }

    /**
     * A key that signs the client's assertions.
     *
     * @param id the id of its row
     * @param publicJwk its public part as a JSON Web Key
     * @param secret the whole key as a sealed JSON Web Key
     * @param brought whether an operator brought it; else the service made it
     * @param activeFrom from when on it signs; it is published before
     * @param retiresAt from when on it is no longer published; null while no other key takes its place
     */
    public record Key(
            UUID id,
            String publicJwk,
            SealedSecret secret,
            boolean brought,
            Instant activeFrom,
            @Nullable Instant retiresAt) {

        /** The same key, which another replaces. */
        public Key retiring(Instant at) {
            return new Key(id, publicJwk, secret, brought, activeFrom, at);
        }

        /** Prints the id. */
        @Override
        public String toString() {
            return "Key[" + id + "]";
        }
    }

    /** The place of the key {@code id} of {@code provider}, bound to the variables with which it may be used. */
    public static SecretPlace keyPlace(TenantId tenant, String provider, UUID id, Map<String, String> vars) {
        return keyPlace(tenant, provider + " " + id, vars);
    }

    /** As {@link #keyPlace(TenantId, String, UUID, Map)}, with provider and id as a row has them. */
    public static SecretPlace keyPlace(TenantId tenant, String owner, Map<String, String> vars) {
        return new SecretPlace(tenant, owner, "client_key", vars);
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
