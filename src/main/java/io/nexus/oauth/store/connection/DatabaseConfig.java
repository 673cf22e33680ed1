package io.nexus.oauth.store.connection;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Optional;

/** Connections to the database. Its address and the general pool are keys of Quarkus ({@code quarkus.datasource.*}). */
@ConfigMapping(prefix = "nexus.oauth.database")
interface DatabaseConfig {

    /**
     * Connections that only store responses of providers, in addition to the general pool
     * ({@code quarkus.datasource.reactive.max-size}). With too few, the service stores slowly after an outage.
     */
    @WithDefault("3")
    int persistConnections();

    /**
     * The database role for row-level security: the service runs each statement for one tenant as this role. Without it the service
     * runs them as its own user, and only the conditions of the statements separate the tenants.
     */
    Optional<String> tenantRole();

    /** The most connections of that role, in addition to the general pool. */
    @WithDefault("8")
    int tenantConnections();
}
