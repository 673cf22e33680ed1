/**
 * The life of keys: reads the master key files again while the service runs, makes the replicas use one sealing key,
 * rotates online, and drops keys that are no longer in use. Loads and shreds the keys of tenants. Start reading at
 * {@link io.nexus.oauth.keys.MasterKeys}.
 *
 * <p>Keys are held in {@code crypto}, statements are in {@code store.keys}. Must not: keep plaintext longer than for
 * the batch that is being sealed again.
 */
@NullMarked
package io.nexus.oauth.keys;

import org.jspecify.annotations.NullMarked;
