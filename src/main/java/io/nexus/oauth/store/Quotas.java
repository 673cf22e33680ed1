package io.nexus.oauth.store;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * The quotas of a tenant and of a caller in it. The configuration's 0 means no limit, which is null here and in the
 * statements.
 */
@ApplicationScoped
public class Quotas {

    private final long credentialsPerTenant;
    private final long connectSessionsPerTenant;
    private final long connectSessionsPerCaller;

    /**
     * @param credentialsPerTenant the most credentials of one tenant that are not revoked; {@code 0}: no limit. A new grant for an
     *     existing credential is always stored
     * @param connectSessionsPerTenant the most unused links of one tenant; {@code 0}: no limit. At the limit callers get 429
     * @param connectSessionsPerCaller the most unused links of one caller in a tenant; {@code 0}: no limit. At the limit the caller
     *     gets 429
     */
    Quotas(
            @ConfigProperty(name = "nexus.oauth.limits.credentials-per-tenant", defaultValue = "1000000")
                    long credentialsPerTenant,
            @ConfigProperty(name = "nexus.oauth.limits.connect-sessions-per-tenant", defaultValue = "10000")
                    long connectSessionsPerTenant,
            @ConfigProperty(name = "nexus.oauth.limits.connect-sessions-per-caller", defaultValue = "5000")
                    long connectSessionsPerCaller) {
        this.credentialsPerTenant = credentialsPerTenant;
        this.connectSessionsPerTenant = connectSessionsPerTenant;
        this.connectSessionsPerCaller = connectSessionsPerCaller;
    }

    /** The quota of a tenant's credentials that are not revoked. */
    public @Nullable Long credentialsPerTenant() {
        return limit(credentialsPerTenant);
    }

    /** The quota of a tenant's connect sessions with a working link. */
    @Nullable Long connectSessionsPerTenant() {
        return limit(connectSessionsPerTenant);
    }

    /** The quota of connect sessions of one caller in a tenant. */
    @Nullable Long connectSessionsPerCaller() {
        return limit(connectSessionsPerCaller);
    }

    private static @Nullable Long limit(long limit) {
        return limit == 0 ? null : limit;
    }
}
