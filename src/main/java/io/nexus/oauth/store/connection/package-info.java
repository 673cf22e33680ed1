/**
 * The connections to PostgreSQL: the bounded pools ({@code Database}), the change feed (LISTEN/NOTIFY) and the
 * detection of a failover.
 *
 * <p>Statements run in {@code store.execution}; the SQL of a table is in the room of the table. Must not: read or
 * change the rows of a caller.
 */
@NullMarked
package io.nexus.oauth.store.connection;

import org.jspecify.annotations.NullMarked;
