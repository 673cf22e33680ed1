/**
 * PostgreSQL: the only family with SQL, entities or transactions. Here are the tables of credentials, leases
 * ({@code RefreshStore}), clients, links and usage. Hibernate Reactive with Panache handles entities and lists; the
 * reactive PG client sends the single statements of the refresh protocol.
 *
 * <p>Pools are in {@code store.connection}, statement execution in {@code store.execution}, the journal on disk in
 * {@code store.journal}, other tables in {@code store.access}, {@code store.audit} and {@code store.keys}. Must not:
 * use {@code provider} or {@code crypto}, so that no transaction contains an HTTP call and no plaintext reaches the
 * database layer.
 */
@NullMarked
package io.nexus.oauth.store;

import org.jspecify.annotations.NullMarked;
