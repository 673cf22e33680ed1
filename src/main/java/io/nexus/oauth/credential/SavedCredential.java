package io.nexus.oauth.credential;

/**
 * The result of storing a grant.
 *
 * @param credential the credential as it is stored now
 * @param created whether it is new
 */
public record SavedCredential(StoredCredential credential, boolean created) {}
