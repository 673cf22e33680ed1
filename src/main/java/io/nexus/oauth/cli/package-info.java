/**
 * The command line {@code nexus oauth ...}: an HTTP client of the API and nothing more. It knows the wire contract of {@code api}
 * and nothing else of the service, has a class path of its own without Quarkus, and blocks wherever that is simplest: a command
 * has one user, who waits for it.
 */
@NullMarked
package io.nexus.oauth.cli;

import org.jspecify.annotations.NullMarked;
