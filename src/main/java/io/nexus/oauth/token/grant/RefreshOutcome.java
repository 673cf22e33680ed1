package io.nexus.oauth.token.grant;

import io.nexus.oauth.credential.StoredCredential;
import java.time.Duration;

/** How a refresh ended, seen from who waits for it. */
public sealed interface RefreshOutcome {

    /** The credential moved on; by this refresh or by another's. */
    record Renewed(StoredCredential credential) implements RefreshOutcome {}

    /** The grant is over at the provider. */
    record Rejected(String code) implements RefreshOutcome {}

    /** Ours to fix; the credential was not touched. */
    record Misconfigured(String code) implements RefreshOutcome {}

    /** Not now: the provider is unwell, the fate of an attempt is unknown, or somebody else holds the claim. */
    record Deferred(String code, Duration retryAfter) implements RefreshOutcome {}

    /** The credential was revoked or deleted meanwhile. */
    record Gone() implements RefreshOutcome {}
}
