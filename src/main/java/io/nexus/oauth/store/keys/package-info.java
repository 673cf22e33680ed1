/**
 * The tables of tenant keys, of the key rotation, and of the keys that each replica announces. {@code SealedRows}
 * visits every table with sealed texts.
 *
 * <p>Rotation is decided in {@code keys}, sealing is in {@code crypto}. Must not: see a plaintext key.
 */
@NullMarked
package io.nexus.oauth.store.keys;

import org.jspecify.annotations.NullMarked;
