/**
 * The life of the master keys: read again while the service runs, agreed upon between the replicas, rotated online, and let go when
 * nothing refers to them. Start reading at {@link io.nexus.oauth.keys.MasterKeys}.
 *
 * <p>Must not: hold a key (that is {@code crypto}'s) or a statement (that is {@code store}'s), or keep plaintext beyond the batch that
 * is being sealed anew.
 */
@NullMarked
package io.nexus.oauth.keys;

import org.jspecify.annotations.NullMarked;
