/**
 * Gives roles to callers with tokens of issuers or with certificates: the operator's policy file, and the policies
 * that the API stores.
 *
 * <p>The table of policies is in {@code store.access}, the resource in {@code rest.PolicyResource}. API keys carry
 * their roles themselves ({@code access.ApiKeys}). Must not: authenticate a caller.
 */
@NullMarked
package io.nexus.oauth.access.policy;

import org.jspecify.annotations.NullMarked;
