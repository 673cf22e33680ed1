package io.nexus.oauth.crypto;

/**
 * A keyed digest of a secret: only holders of the key can compute or check it. Stored in place of a value that the
 * service must recognise but never read back.
 *
 * @param keyId the id of the master key
 * @param hex the HMAC-SHA256 as 64 lower-case hex digits
 */
public record KeyedDigest(String keyId, String hex) {}
