package io.nexus.oauth.credential;

/**
 * The natural key of a credential: whose account at which provider. Compared exactly, never case-folded.
 *
 * @param tenant the tenant
 * @param provider the provider's id in the catalogue
 * @param user the user as the tenant names them (the seed's {@code user_email})
 */
public record AccountKey(TenantId tenant, String provider, String user) {

    private static final int MAX_USER = 254;

    /**
     * Refuses identifiers that no person could mean: empty, over 254 characters, with control, format (bidirectional) or
     * surrogate characters, or not in composed form.
     */
    public AccountKey {
        Identifiers.check("provider", provider, 64);
        Identifiers.check("user", user, MAX_USER);
    }
}
