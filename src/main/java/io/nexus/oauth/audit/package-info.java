/**
 * The audit trail: who did what and when. {@code AuditRecorder} counts issued tokens and denials and writes them in
 * batches, {@code ChainSealer} seals all events in a chain, {@code ChainVerifier} verifies it, {@code Retention}
 * deletes by age.
 *
 * <p>An event of a change is written by {@code store}, in the transaction of the change
 * ({@code store.audit.AuditInsert}). The tables are in {@code store.audit}, the resource in
 * {@code rest.AuditResource}. Must not: delay a change or a token request.
 */
@NullMarked
package io.nexus.oauth.audit;

import org.jspecify.annotations.NullMarked;
