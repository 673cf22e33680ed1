/**
 * What happened to a credential: one sealed interface, written to the audit trail with the change itself and told to
 * listeners after the commit. JDK only.
 */
@NullMarked
package io.nexus.oauth.event;

import org.jspecify.annotations.NullMarked;
