/**
 * Local mode: the PostgreSQL that starts when no database is configured, its home directory, and its settings and
 * secrets.
 *
 * <p>The authorization server of local mode is in {@code sandbox}. Must not: run when a database is configured, or in
 * Kubernetes without the operator's request.
 */
@NullMarked
package io.nexus.oauth.embedded;

import org.jspecify.annotations.NullMarked;
