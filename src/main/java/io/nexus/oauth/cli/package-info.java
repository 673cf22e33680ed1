/**
 * The command line {@code nexus oauth ...}: an HTTP client of the API. It depends on the package {@code api} and on no other part
 * of the service, and has its own class path without Quarkus. Its code may block, because one user waits for each command.
 */
@NullMarked
package io.nexus.oauth.cli;

import org.jspecify.annotations.NullMarked;
