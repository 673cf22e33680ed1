/**
 * Manages the master keys: reads their files again while the service runs, agrees with the other replicas on a sealing key,
 * rotates online, and drops keys that are no longer in use. Also loads and shreds the keys of tenants. Start reading at
 * {@link io.nexus.oauth.keys.MasterKeys}.
 *
 * <p>Rules: keys are held in {@code crypto} and statements in {@code store}, not here. Plaintext is kept only for the batch
 * that is being sealed again.
 */
@NullMarked
package io.nexus.oauth.keys;

import org.jspecify.annotations.NullMarked;
