/**
 * The values of a grant and their rules: credential, key, account, lease, fence, sealed grant, access limits. Secrets
 * are a type of their own ({@link io.nexus.oauth.credential.Secret}, {@link io.nexus.oauth.credential.SealedSecret}),
 * because a type can refuse to print its value.
 *
 * <p>Changes of a credential are in {@code event}, its row in {@code store.CredentialStore}. Must not: use anything
 * but the JDK, so that every other package can depend on it.
 */
@NullMarked
package io.nexus.oauth.credential;

import org.jspecify.annotations.NullMarked;
