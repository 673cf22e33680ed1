/**
 * The values of a grant and their rules. Uses the JDK only, so that every other package can depend on it.
 *
 * <p>Secrets are a type of their own ({@link io.nexus.oauth.credential.Secret}, {@link
 * io.nexus.oauth.credential.SealedSecret}), because a type can refuse to print its value.
 */
@NullMarked
package io.nexus.oauth.credential;

import org.jspecify.annotations.NullMarked;
