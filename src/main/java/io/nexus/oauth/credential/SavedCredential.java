package io.nexus.oauth.credential;

/**
 * What was saved.
 *
 * @param credential the row as it is now
 * @param created whether it is new
 */
public record SavedCredential(StoredCredential credential, boolean created) {}
