/**
 * JAX-RS resources and the one table that turns failures into problem+json (RFC 9457).
 */
@NullMarked
package io.nexus.oauth.rest;

import org.jspecify.annotations.NullMarked;
