/**
 * The wire contract: request and response records, nothing else. Imports nothing of ours, so a client can be built on it.
 */
@NullMarked
package io.nexus.oauth.api;

import org.jspecify.annotations.NullMarked;
