package io.nexus.oauth.store.journal;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** The journal: it holds responses of rotating providers on disk until they are in the database. */
@ConfigMapping(prefix = "nexus.oauth.journal")
interface JournalConfig {

    /**
     * A directory on a local disk that outlives the process. A leading {@code ~/} is the home of the user. Replicas on one machine may
     * share the directory; they take over what a dead replica left. With a Kubernetes {@code emptyDir} responses survive a restart of
     * the container, with a persistent volume also the loss of the pod or node. While the service cannot write here, it does not
     * refresh at rotating providers.
     */
    String directory();

    /**
     * The space that each replica takes in the directory at its start, at least {@code 4M}. About a thousand responses fit into
     * {@code 2M}. When the space is full, the service stops refreshing at rotating providers. Keep three times the size free: a dead
     * replica may have left its files.
     */
    @WithDefault("32M")
    MemorySize size();
}
