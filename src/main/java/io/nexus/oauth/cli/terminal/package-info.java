/**
 * Talks to the person at the terminal: tables, progress, prompts, output formats and exit codes.
 */
@NullMarked
package io.nexus.oauth.cli.terminal;

import org.jspecify.annotations.NullMarked;
