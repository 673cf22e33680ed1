/**
 * Reads the responses of authorization servers: token responses (RFC 6749 section 5), lifetimes, {@code Retry-After},
 * revocation and identity answers.
 *
 * <p>Pure and total: every response gets a verdict, and a refresh token in a response is kept even if other fields are
 * invalid.
 */
@NullMarked
package io.nexus.oauth.provider.reply;

import org.jspecify.annotations.NullMarked;
