/**
 * The tables of tenants' keys, of the key rotation, and of the keys that each replica announces.
 */
@NullMarked
package io.nexus.oauth.store.keys;

import org.jspecify.annotations.NullMarked;
