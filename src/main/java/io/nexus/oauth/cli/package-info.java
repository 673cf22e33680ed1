/**
 * The command line {@code nexus oauth ...}, one verb a file: an HTTP client of the API. Its code may block, because
 * one user waits for each command.
 *
 * <p>Output is in {@code cli.terminal}, requests and login in {@code cli.connection}, import and export in
 * {@code cli.transfer}. Must not: depend on a part of the service other than {@code api}; its class path has no
 * Quarkus.
 */
@NullMarked
package io.nexus.oauth.cli;

import org.jspecify.annotations.NullMarked;
