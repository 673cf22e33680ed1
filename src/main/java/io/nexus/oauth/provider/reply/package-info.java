/**
 * Reads what authorization servers answer: token responses (RFC 6749 section 5), lifetimes, {@code Retry-After}, revocation and
 * identity answers.
 *
 * <p>Pure and total: every answer gets a verdict, and a present refresh token is never lost over anything beside it.
 */
@NullMarked
package io.nexus.oauth.provider.reply;

import org.jspecify.annotations.NullMarked;
