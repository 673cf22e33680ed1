package io.nexus.oauth.credential;

/**
 * Where a secret is kept. A secret sealed for one place does not open at another, so that a ciphertext copied to another row,
 * column or tenant is refused.
 *
 * @param tenant the tenant that owns it
 * @param owner the id of the row that holds it
 * @param field the field of that row
 */
public record SecretPlace(TenantId tenant, String owner, String field) {

    /** Where the key {@code id} of {@code tenant} is kept. */
    public static SecretPlace ofTenantKey(TenantId tenant, String id) {
        return new SecretPlace(tenant, id, "tenant key");
    }
}
