/**
 * The token endpoint for clients that speak the standard: token exchange (RFC 8693), in RFC 6749's form and errors. A client
 * shows the token of its user and gets the access token of that user's account, or, below the name of a provider, one that the provider
 * issues for the token of the user. The rules of the hand-out are those of the API.
 */
@org.jspecify.annotations.NullMarked
package io.nexus.oauth.rest.exchange;
