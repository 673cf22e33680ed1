/**
 * Asks the clients of the Quarkus OIDC client ({@code quarkus.oidc-client.<id>}) for tokens of machine connections. The operator
 * configures them with their grants and their client authentication, and the extension sends the request. Its response gets the verdict
 * of {@code provider.reply}, as each other does.
 *
 * <p>These requests do not pass the address rules of {@code provider.egress}: the operator chose the address. Must not: ask at the start,
 * keep a token, or use a client that a caller named.
 */
@NullMarked
package io.nexus.oauth.provider.oidc;

import org.jspecify.annotations.NullMarked;
