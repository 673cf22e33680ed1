/**
 * Executes statements: prepared single statements ({@code StatementExecutor}), filters, column texts, scheduled runs,
 * and the shield against cancellation by the caller ({@code CancellationShield}).
 *
 * <p>Pools are in {@code store.connection}. Must not: know a table, or repeat a statement that changes data.
 */
@NullMarked
package io.nexus.oauth.store.execution;

import org.jspecify.annotations.NullMarked;
