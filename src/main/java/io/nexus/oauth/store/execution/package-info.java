/**
 * Executes statements: prepared single statements, filters, column texts, scheduled runs, and the shield against
 * cancellation by the caller.
 */
@NullMarked
package io.nexus.oauth.store.execution;

import org.jspecify.annotations.NullMarked;
