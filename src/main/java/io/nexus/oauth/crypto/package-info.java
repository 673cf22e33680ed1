/**
 * Seals and unseals secrets ({@code SecretSealer}). The format is Fernet, compatible with Python's
 * {@code cryptography} in both directions. A derived key binds every sealed value to its place, because Fernet has no
 * associated data.
 *
 * <p>Holds the master keys in memory ({@code LiveKeyring}); reading their files anew, rotation and tenants' keys are
 * in {@code keys}. Must not: know the database, log, or keep plaintext.
 */
@NullMarked
package io.nexus.oauth.crypto;

import org.jspecify.annotations.NullMarked;
