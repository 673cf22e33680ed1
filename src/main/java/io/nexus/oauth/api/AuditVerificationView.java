package io.nexus.oauth.api;

import org.jspecify.annotations.Nullable;

/**
 * Whether the audit trail is as it was written.
 *
 * @param intact whether nothing is wrong so far
 * @param checked how many lines fit their seals
 * @param anchor the last of them; keep it, and give it to the next verification: it shows what was cut off
 * @param next the {@code cursor} of what was not checked yet, or null when all was
 * @param fault the first thing that is wrong, or null
 */
public record AuditVerificationView(
        boolean intact,
        long checked,
        @Nullable String anchor,
        @Nullable String next,
        @Nullable Fault fault) {

    /**
     * What is wrong.
     *
     * @param kind {@code changed}, {@code deleted}, {@code inserted}, {@code reordered}, {@code truncated}, {@code replaced}, {@code
     *     checkpoint} or {@code unknown_key}
     * @param seq at which place of the chain
     * @param id with which line, or null when there is none to name
     */
    public record Fault(String kind, long seq, @Nullable Long id) {}
}
