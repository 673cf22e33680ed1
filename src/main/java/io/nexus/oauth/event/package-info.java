/**
 * Changes of credentials, entries of the audit trail, and signals for metrics. The service writes a change to the audit
 * trail in the same transaction, and fires its event after the commit. JDK only.
 */
@NullMarked
package io.nexus.oauth.event;

import org.jspecify.annotations.NullMarked;
