/**
 * Talks to the service: server address, stored contexts, login, and the translation of problem details into messages.
 *
 * <p>Tables and prompts are in {@code cli.terminal}. Must not: print a token or an API key.
 */
@NullMarked
package io.nexus.oauth.cli.connection;

import org.jspecify.annotations.NullMarked;
