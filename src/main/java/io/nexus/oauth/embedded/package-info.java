/** The PostgreSQL that starts when no database is configured, and the settings and secrets of local mode. */
@NullMarked
package io.nexus.oauth.embedded;

import org.jspecify.annotations.NullMarked;
