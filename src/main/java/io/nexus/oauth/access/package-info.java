/**
 * Authenticates callers: API keys, client certificates, page sessions, tokens of issuers. The result is the
 * {@code Caller} of a request; its tenant comes from the caller's identity only.
 *
 * <p>The caller's values are in {@code access.caller}, its roles in {@code access.policy}, JWTs in
 * {@code access.issuer}. The tables are in {@code store.access}. Must not: decide about one credential; the use cases
 * do, with the caller's {@code AccessLimits}.
 */
@NullMarked
package io.nexus.oauth.access;

import org.jspecify.annotations.NullMarked;
