/**
 * Carries out statements and the work around them: prepared single statements, filters, column texts, scheduled runs, and the
 * shield against the caller's cancellation.
 */
@NullMarked
package io.nexus.oauth.store.execution;

import org.jspecify.annotations.NullMarked;
