/**
 * PostgreSQL: the only package with SQL, entities or transactions. Hibernate Reactive with Panache handles entities and
 * lists; the reactive PG client sends the single statements of the refresh protocol.
 *
 * <p>Must not: use {@code provider} or {@code crypto}, so that no transaction contains an HTTP call and no plaintext
 * reaches the database layer.
 */
@NullMarked
package io.nexus.oauth.store;

import org.jspecify.annotations.NullMarked;
