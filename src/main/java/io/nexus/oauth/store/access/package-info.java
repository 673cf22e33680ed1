/** The tables of API keys, access policies and page sessions. */
@NullMarked
package io.nexus.oauth.store.access;

import org.jspecify.annotations.NullMarked;
