package io.nexus.oauth.store.connection;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.util.Optional;

/** The use of the database. Its URL and the size of the general pool are Quarkus's {@code quarkus.datasource.*}. */
@ConfigMapping(prefix = "nexus.oauth.database")
interface DatabaseConfig {

    /**
     * Connections kept open to store token responses, in addition to the general pool. Too few of them store slowly
     * after an outage.
     */
    @WithDefault("3")
    int persistConnections();

    /**
     * The role with row-level security, which runs the statements of one tenant. Without it, the service's own user
     * runs them, and only the conditions in the statements separate tenants.
     */
    Optional<String> tenantRole();

    /** The highest number of connections of that role, in addition to the general pool. */
    @WithDefault("8")
    int tenantConnections();
}
