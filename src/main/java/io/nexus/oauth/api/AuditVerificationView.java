package io.nexus.oauth.api;

import org.jspecify.annotations.Nullable;

/**
 * The result of a verification of the audit trail.
 *
 * @param intact whether the verified entries are unchanged
 * @param checked the number of verified entries
 * @param anchor the anchor of the last verified entry. Pass it to the next verification, to detect entries cut off the end
 * @param next the {@code cursor} of the next part, or null when all entries were verified
 * @param fault the first fault, or null
 */
public record AuditVerificationView(
        boolean intact,
        long checked,
        @Nullable String anchor,
        @Nullable String next,
        @Nullable Fault fault) {

    /**
     * A fault of the audit trail.
     *
     * @param kind {@code changed}, {@code deleted}, {@code inserted}, {@code reordered}, {@code truncated}, {@code replaced}, {@code
     *     checkpoint} or {@code unknown_key}
     * @param seq the position in the chain
     * @param id the id of the entry, or null
     */
    public record Fault(String kind, long seq, @Nullable Long id) {}
}
