package io.nexus.oauth.store.journal;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** The journal, which keeps token responses of rotating providers until they are in the database. */
@ConfigMapping(prefix = "nexus.oauth.journal")
interface JournalConfig {

    /**
     * A directory on a local disk that outlives the process; a leading {@code ~/} is the user's home directory.
     * Replicas may share it. While it is not writable, this replica does not refresh at rotating providers.
     */
    String directory();

    /**
     * The space that each replica allocates in the directory at its start, 4M at least. It holds about a thousand token
     * responses per 2M. With too little space, refreshes stop early while the database is unavailable.
     */
    @WithDefault("32M")
    MemorySize size();
}
