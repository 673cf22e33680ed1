package io.nexus.oauth.api;

import org.jspecify.annotations.Nullable;

/**
 * The result of a verification of the audit trail, or of one part of it.
 *
 * @param intact whether the service has found no fault so far
 * @param checked how many lines fit their seals
 * @param anchor the last of these lines. Keep it and send it with the next verification: the service then detects a trail that
 *     was cut off
 * @param next the {@code cursor} of the part that is not verified yet; null when everything is verified
 * @param fault the first fault; null when there is none
 */
public record AuditVerificationView(
        boolean intact,
        long checked,
        @Nullable String anchor,
        @Nullable String next,
        @Nullable Fault fault) {

    /**
     * A fault in the audit trail.
     *
     * @param kind {@code changed}: a line or its seal was changed; {@code deleted}: a line or its chain entry is missing;
     *     {@code inserted}: a line stands where none was written; {@code reordered}: chain entries changed places; {@code
     *     truncated}: the end of the trail was cut off; {@code replaced}: the end was written again, so the chain is not that
     *     of the {@code anchor}; {@code checkpoint}: the signed start of the chain is not ours; {@code unknown_key}: the master
     *     key of the seal is not in the keyring
     * @param seq the place in the chain
     * @param id the number of the line; null when there is none to name
     */
    public record Fault(String kind, long seq, @Nullable Long id) {}
}
