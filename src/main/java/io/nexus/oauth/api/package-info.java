/**
 * The contract of the API: request and response records. Imports no other package of the service, so clients can use it.
 */
@NullMarked
package io.nexus.oauth.api;

import org.jspecify.annotations.NullMarked;
