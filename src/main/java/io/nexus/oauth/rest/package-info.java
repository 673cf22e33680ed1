/**
 * The JAX-RS resources of the API, and the mapping of exceptions to problem details (RFC 9457).
 */
@NullMarked
package io.nexus.oauth.rest;

import org.jspecify.annotations.NullMarked;
