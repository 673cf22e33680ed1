package io.nexus.oauth.credential;

import java.util.UUID;

/**
 * Identifies one attempt to refresh one credential. The service stores the token response under it, even long after the
 * lease.
 *
 * @param key the credential
 * @param attempt identifies the attempt, so that its own late commit is recognised
 * @param epoch the fencing number of its lease: a response is stored only over smaller ones
 */
public record RefreshFence(CredentialKey key, UUID attempt, long epoch) {}
