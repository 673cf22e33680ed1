/**
 * The contract of the API: request and response records, one noun a file. The names of their components are the wire.
 *
 * <p>The resources that use them are in {@code rest}, the client is {@code cli}. Must not: import another package of
 * the service, so that clients can use it.
 */
@NullMarked
package io.nexus.oauth.api;

import org.jspecify.annotations.NullMarked;
