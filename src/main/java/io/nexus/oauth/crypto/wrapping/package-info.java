/**
 * Unwraps master keys with the Transit engine of HashiCorp Vault or OpenBao.
 *
 * <p>Key files are read in {@code crypto.KeyringProducer}. Must not: print a key, or send anything but the wrapped
 * key.
 */
@NullMarked
package io.nexus.oauth.crypto.wrapping;

import org.jspecify.annotations.NullMarked;
