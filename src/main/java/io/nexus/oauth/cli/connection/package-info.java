/**
 * Talks to the service: server address, stored contexts, login, and the translation of problem details into messages.
 */
@NullMarked
package io.nexus.oauth.cli.connection;

import org.jspecify.annotations.NullMarked;
