/**
 * Connections to PostgreSQL: the bounded pools, the change feed (LISTEN/NOTIFY) and the detection of a failover.
 */
@NullMarked
package io.nexus.oauth.store.connection;

import org.jspecify.annotations.NullMarked;
