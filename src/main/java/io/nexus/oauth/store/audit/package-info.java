/**
 * The tables of the audit trail and of its chain. The only home of {@code INSERT INTO audit_events}.
 */
@NullMarked
package io.nexus.oauth.store.audit;

import org.jspecify.annotations.NullMarked;
