/**
 * Grants roles to callers of trusted issuers: the operator's policy file and the policies stored over REST.
 */
@NullMarked
package io.nexus.oauth.access.policy;

import org.jspecify.annotations.NullMarked;
