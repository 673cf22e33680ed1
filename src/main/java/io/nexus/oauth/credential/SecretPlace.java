package io.nexus.oauth.credential;

import java.util.Map;

/**
 * The place where a secret is stored. A secret sealed for one place cannot be decrypted for another. So a ciphertext
 * copied to another row, column or tenant is rejected, and so is one whose client variables were changed.
 *
 * @param tenant the tenant that owns it
 * @param owner the id of the row that holds it
 * @param field the name of the field in that row
 * @param clientVars the OAuth client's variables, which decide to which host the secret may be sent; empty where there
 *     are none
 */
public record SecretPlace(TenantId tenant, String owner, String field, Map<String, String> clientVars) {

    /** Copies the variables. */
    public SecretPlace {
        clientVars = Map.copyOf(clientVars);
    }

    /** The place of a secret without client variables. */
    public SecretPlace(TenantId tenant, String owner, String field) {
        this(tenant, owner, field, Map.of());
    }

    /** The place of the key {@code id} of {@code tenant}. */
    public static SecretPlace ofTenantKey(TenantId tenant, String id) {
        return new SecretPlace(tenant, id, "tenant key");
    }
}
