/**
 * Seals and unseals secrets. The format is Fernet, compatible with Python's {@code cryptography} in both directions. A
 * derived key binds every sealed value to its place, because Fernet has no associated data.
 *
 * <p>Must not: know the database, log, or keep plaintext.
 */
@NullMarked
package io.nexus.oauth.crypto;

import org.jspecify.annotations.NullMarked;
