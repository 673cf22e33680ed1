/**
 * Reports of the service about itself: changes of credentials ({@code CredentialEvent}), events of the audit trail
 * ({@code AuditEntry}, {@code ChainEntry}), and signals for metrics ({@code Activity}, {@code Reading},
 * {@code AuditSignal}). {@code ShutdownOrder} names the steps in which the process ends.
 *
 * <p>Events of a change are fired after its commit. The audit trail is written in {@code store.audit}, meters in
 * {@code monitor.metrics}. Must not: use anything but the JDK and {@code credential}, or carry a secret.
 */
@NullMarked
package io.nexus.oauth.event;

import org.jspecify.annotations.NullMarked;
