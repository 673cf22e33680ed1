/**
 * The PostgreSQL that starts when no database is configured, and what local mode generates beside it.
 */
@NullMarked
package io.nexus.oauth.embedded;

import org.jspecify.annotations.NullMarked;
