package io.nexus.oauth.credential;

import org.jspecify.annotations.Nullable;

/**
 * The account's identity as the provider reports it.
 *
 * @param id the provider's stable id of the account; two grants with the same id are of the same account
 * @param label a name for people (an e-mail address, a name), or null when the provider reports none
 */
public record AccountIdentity(String id, @Nullable String label) {}
