/**
 * The tables of API keys, policies and page sessions.
 */
@NullMarked
package io.nexus.oauth.store.access;

import org.jspecify.annotations.NullMarked;
