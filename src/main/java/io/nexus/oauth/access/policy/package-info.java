/**
 * Gives roles to callers of trusted issuers and with certificates: the operator's policy file, and the policies stored
 * by the API.
 */
@NullMarked
package io.nexus.oauth.access.policy;

import org.jspecify.annotations.NullMarked;
