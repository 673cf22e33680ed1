/** A small authorization server for trials without an account at a provider. Never active in production. */
@NullMarked
package io.nexus.oauth.sandbox;

import org.jspecify.annotations.NullMarked;
