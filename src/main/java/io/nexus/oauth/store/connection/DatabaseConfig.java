package io.nexus.oauth.store.connection;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Optional;

/** How the database is used. Where it is and the size of the general pool are Quarkus's {@code quarkus.datasource.*}. */
@ConfigMapping(prefix = "nexus.oauth.database")
interface DatabaseConfig {

    /** Connections kept open for storing what providers answered, beside the general pool. Too low stores slowly after an outage. */
    @WithDefault("3")
    int persistConnections();

    /**
     * The role that row-level security is enabled for: what is asked for one tenant is asked as this role. Empty: asked as the user
     * that the service connects with, so that only the conditions in the statements keep tenants apart.
     */
    Optional<String> tenantRole();

    /** Connections at most of that role, beside the general pool. */
    @WithDefault("8")
    int tenantConnections();
}
