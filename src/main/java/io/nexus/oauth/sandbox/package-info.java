/**
 * A small authorization server for trying things out without an account anywhere. Never active in production.
 */
@NullMarked
package io.nexus.oauth.sandbox;

import org.jspecify.annotations.NullMarked;
