package io.nexus.oauth.credential;

/**
 * The natural key of a credential: tenant, provider and user. Compared exactly, never case-folded.
 *
 * @param tenant the tenant
 * @param provider the provider's id in the catalogue
 * @param user the user as the tenant names them (the seed's {@code user_email})
 */
public record AccountKey(TenantId tenant, String provider, String user) {

    private static final int MAX_USER = 254;

    /**
     * Throws {@link IllegalArgumentException} as {@link Identifiers#check} does: a provider has up to 64 characters, a
     * user up to 254.
     */
    public AccountKey {
        Identifiers.check("provider", provider, 64);
        Identifiers.check("user", user, MAX_USER);
    }
}
