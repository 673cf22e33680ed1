package io.nexus.oauth.store;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How the database is used. Where it is and the size of the general pool are Quarkus's {@code quarkus.datasource.*}. */
@ConfigMapping(prefix = "nexus.oauth.database")
interface DatabaseConfig {

    /** Connections kept open for storing what providers answered, beside the general pool. Too low stores slowly after an outage. */
    @WithDefault("3")
    int persistConnections();
}
