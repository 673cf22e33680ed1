package io.nexus.oauth.token.grant;

import io.nexus.oauth.credential.StoredCredential;
import java.time.Duration;
import java.util.Objects;

/** The result of a refresh for a waiting caller. */
public sealed interface RefreshOutcome {

    /** The credential has a new version, from this refresh or from another replica's. */
    record Renewed(StoredCredential credential) implements RefreshOutcome {}

    /** The provider has ended the grant: the user has to connect again. */
    record Rejected(String code) implements RefreshOutcome {}

    /** The operator has to fix the configuration. The credential did not change. */
    record Misconfigured(String code) implements RefreshOutcome {}

    /** Retry later: the provider is unavailable, the result of an attempt is unknown, or another replica holds the lease. */
    record Deferred(String code, Duration retryAfter) implements RefreshOutcome {}

    /** The outcome for a caller that waited for another replica, when the row shows that this attempt is over without a token. */
    static RefreshOutcome failed(StoredCredential now, Duration retryAfter) {
        String code = Objects.requireNonNullElse(now.refresh().lastError(), "refresh_in_progress");
        return RefreshPolicy.isMachineRefused(now) ? new Misconfigured(code) : new Deferred(code, retryAfter);
    }

    /** The credential was revoked or deleted during the refresh. */
    record Gone() implements RefreshOutcome {}
}
