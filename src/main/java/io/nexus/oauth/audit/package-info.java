/**
 * Who did what, when: the seed's audit line in the log, and what makes the trail worth something. Lines of changes are written by {@code
 * store}, in the transaction of the change; hand-outs and denials are written from here in batches. Every line is sealed behind its
 * writer ({@code ChainSealer}) and can be verified ({@code ChainVerifier}). Must not slow a change or a hand-out down, so nothing here is
 * waited for by one.
 */
@NullMarked
package io.nexus.oauth.audit;

import org.jspecify.annotations.NullMarked;
