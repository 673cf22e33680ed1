/**
 * The audit trail: who did what and when. {@code store} writes the records of changes, in the transaction of the
 * change. This package writes issued tokens and denials in batches, seals all records in a chain ({@code ChainSealer})
 * and verifies the chain ({@code ChainVerifier}). No change and no token request waits for this package.
 */
@NullMarked
package io.nexus.oauth.audit;

import org.jspecify.annotations.NullMarked;
