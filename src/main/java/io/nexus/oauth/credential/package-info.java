/**
 * What is kept: the values of a grant and their rules. JDK only, so that every other package can speak these words.
 *
 * <p>Secrets are a type of their own ({@link io.nexus.oauth.credential.Secret}, {@link
 * io.nexus.oauth.credential.SealedSecret}) because a type can refuse to print and a convention cannot.
 */
@NullMarked
package io.nexus.oauth.credential;

import org.jspecify.annotations.NullMarked;
