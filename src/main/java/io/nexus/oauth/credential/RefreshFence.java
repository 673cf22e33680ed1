package io.nexus.oauth.credential;

import java.util.UUID;

/**
 * Names one attempt to refresh one credential: what an answer has to be stored under, long after its claim.
 *
 * @param key the credential
 * @param attempt names the attempt, so that its own late commit is recognised
 * @param epoch the fencing number of its claim: an answer is stored only over smaller ones
 */
public record RefreshFence(CredentialKey key, UUID attempt, long epoch) {}
