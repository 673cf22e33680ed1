/**
 * The tables of the audit trail and of its chain. Three classes write {@code INSERT INTO audit_events}:
 * {@code AuditInsert} in the statement of a change, {@code AuditRow} in a session, {@code AuditStore} in batches. No
 * other room does.
 *
 * <p>The chain is computed in {@code audit}. Must not: change or delete an event, except for the deletion by age.
 */
@NullMarked
package io.nexus.oauth.store.audit;

import org.jspecify.annotations.NullMarked;
