/**
 * The JAX-RS resources of the API, one noun a file, and the mapping of exceptions to problem details (RFC 9457):
 * {@code ProblemType} lists the types, {@code ProblemMapper} maps. {@code EntityTags} makes the ETag of a token,
 * {@code AdmissionFilter} bounds requests.
 *
 * <p>The records of the wire are in {@code api}, the pages in {@code web}, rules about tokens in {@code token}. Must
 * not: use {@code store} or decide about a grant.
 */
@NullMarked
package io.nexus.oauth.rest;

import org.jspecify.annotations.NullMarked;
