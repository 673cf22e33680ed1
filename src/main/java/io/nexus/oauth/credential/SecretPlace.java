package io.nexus.oauth.credential;

import java.util.Map;

/**
 * Where a secret is kept. A secret sealed for one place does not open at another, so that a ciphertext copied to another row,
 * column or tenant is refused, and so is one whose client's variables were changed beside it.
 *
 * @param tenant the tenant that owns it
 * @param owner the id of the row that holds it
 * @param field the field of that row
 * @param clientVars the OAuth client's variables, which decide to which host the secret may go; empty where there are none
 */
public record SecretPlace(TenantId tenant, String owner, String field, Map<String, String> clientVars) {

    /** Copies the variables. */
    public SecretPlace {
        clientVars = Map.copyOf(clientVars);
    }

    /** The place of a secret for which no variables count. */
    public SecretPlace(TenantId tenant, String owner, String field) {
        this(tenant, owner, field, Map.of());
    }

    /** Where the key {@code id} of {@code tenant} is kept. */
    public static SecretPlace ofTenantKey(TenantId tenant, String id) {
        return new SecretPlace(tenant, id, "tenant key");
    }
}
