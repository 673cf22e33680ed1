package io.nexus.oauth.store.journal;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** Where answers of rotating providers are kept until they are in the database. */
@ConfigMapping(prefix = "nexus.oauth.journal")
interface JournalConfig {

    /**
     * A directory on a disk of this machine that outlives the process, a leading {@code ~/} is the user's own. Replicas may share it.
     * While it cannot be written, this replica does not refresh at providers that rotate.
     */
    String directory();

    /**
     * Space that each replica takes in the directory at its start, 4M at least. It holds about a thousand answers per 2M; too little
     * stops refreshing early while the database is away.
     */
    @WithDefault("32M")
    MemorySize size();
}
