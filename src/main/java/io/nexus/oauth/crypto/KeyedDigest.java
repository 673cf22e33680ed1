package io.nexus.oauth.crypto;

/**
 * A fingerprint of a secret that only holders of the key can make or check: what is stored of a value that has to be
 * recognized and never read back.
 *
 * @param keyId the id of the master key
 * @param hex the HMAC-SHA256 as 64 lower-case hex digits
 */
public record KeyedDigest(String keyId, String hex) {}
