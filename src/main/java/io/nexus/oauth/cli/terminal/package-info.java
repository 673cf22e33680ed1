/**
 * Talks to the person at the terminal: tables, progress, prompts, output formats and exit codes.
 *
 * <p>The verbs are in {@code cli}. Must not: send a request; {@code cli.connection} does.
 */
@NullMarked
package io.nexus.oauth.cli.terminal;

import org.jspecify.annotations.NullMarked;
