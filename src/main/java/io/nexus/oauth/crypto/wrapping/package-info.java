/**
 * Unwraps master keys with the Transit engine of HashiCorp Vault or OpenBao.
 */
@NullMarked
package io.nexus.oauth.crypto.wrapping;

import org.jspecify.annotations.NullMarked;
