/**
 * Seals and unseals secrets. Fernet is the wire format (the seed's, so tokens of Python's {@code cryptography} read here
 * and ours there); every sealed value is bound to its place by a derived key, because Fernet has no associated data.
 *
 * <p>Must not: know the database, log, or keep plaintext.
 */
@NullMarked
package io.nexus.oauth.crypto;

import org.jspecify.annotations.NullMarked;
