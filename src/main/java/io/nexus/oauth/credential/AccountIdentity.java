package io.nexus.oauth.credential;

import org.jspecify.annotations.Nullable;

/**
 * Who the provider says the account is.
 *
 * @param id the provider's own id of the account; stable, the basis of "is this the same account?"
 * @param label what a person recognises (an e-mail, a name), or null when the provider tells none
 */
public record AccountIdentity(String id, @Nullable String label) {}
