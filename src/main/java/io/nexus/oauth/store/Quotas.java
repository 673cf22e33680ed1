package io.nexus.oauth.store;

import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** How much one tenant, or one caller in it, may have stored. 0 stands for no limit, and is null here as in the statements. */
@ApplicationScoped
class Quotas {

    private final long credentialsPerTenant;
    private final long connectSessionsPerTenant;
    private final long connectSessionsPerCaller;

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

    /** Credentials of a tenant that are not revoked. */
    @Nullable Long credentialsPerTenant() {
        return limit(credentialsPerTenant);
    }

    /** Connect sessions of a tenant whose link still works. */
    @Nullable Long connectSessionsPerTenant() {
        return limit(connectSessionsPerTenant);
    }

    /** The same of one caller in a tenant. */
    @Nullable Long connectSessionsPerCaller() {
        return limit(connectSessionsPerCaller);
    }

    private static @Nullable Long limit(long limit) {
        return limit == 0 ? null : limit;
    }
}
