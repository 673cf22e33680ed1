/**
 * Keeps the grant between the provider and the database: sealing, the journal of unstored responses, their persistence and replay,
 * the cache of credentials, and the rules of when a refresh is due.
 */
@NullMarked
package io.nexus.oauth.token.grant;

import org.jspecify.annotations.NullMarked;
