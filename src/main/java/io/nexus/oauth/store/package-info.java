/**
 * PostgreSQL: the only package with SQL, entities or transactions. Hibernate Reactive with Panache carries entities and
 * lists; the reactive PG client carries the single statements of the refresh protocol.
 *
 * <p>Must not: see {@code provider} or {@code crypto}, so no HTTP call can stand in a transaction and no plaintext can reach
 * the database layer.
 */
@NullMarked
package io.nexus.oauth.store;

import org.jspecify.annotations.NullMarked;
