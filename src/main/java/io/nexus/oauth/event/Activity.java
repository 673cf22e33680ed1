package io.nexus.oauth.event;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An action of the service, for metrics and health. It names no tenant, user or secret; every text is from a closed
 * set. {@code metrics.yaml}, the source of the metrics reference, explains each outcome.
 */
public sealed interface Activity {

    /** The provider's id. */
    String provider();

    /** The outcome. */
    String outcome();

    /**
     * A caller asked for a token.
     *
     * @param outcome {@code hit}, {@code refreshed}, {@code stale}, {@code reconnect_required}, {@code insufficient_scope},
     *     {@code limited}, {@code provider_error} or {@code failed}
     * @param took the time of the token request
     */
    record TokenRequest(String provider, String outcome, Duration took) implements Activity {}

    /**
     * A refresh ended.
     *
     * @param trigger {@code due}, {@code read}, {@code ahead}, {@code forced} or {@code rejected}
     * @param outcome {@code success}, {@code rejected}, {@code deferred}, {@code misconfigured}, {@code unknown}, {@code held}
     *     or {@code lost_race}
     * @param reason the stable code of a failure, or null
     * @param took the time from the lease to the stored token or to the failure
     */
    record Refresh(
            String provider,
            String trigger,
            String outcome,
            @Nullable String reason,
            Duration took) implements Activity {}

    /** One more caller received the result of a refresh that was already running. */
    record Coalesced(String provider) implements Activity {
        @Override
        public String outcome() {
            return "coalesced";
        }
    }

    /**
     * A caller asked to exchange the token of a user.
     *
     * @param outcome {@code hit}, {@code exchanged}, {@code rejected}, {@code denied}, {@code misconfigured}, {@code unavailable} or
     *     {@code failed}
     */
    record TokenExchange(String provider, String outcome) implements Activity {}

    /**
     * A connect flow ended.
     *
     * @param outcome {@code completed}, {@code denied}, {@code state_mismatch}, {@code other_account} or {@code
     *     exchange_failed}
     * @param took the time from the browser's return to the stored credential
     */
    record Connect(String provider, String outcome, Duration took) implements Activity {}

    /**
     * The service tried to revoke a grant at the provider.
     *
     * @param outcome {@code revoked}, {@code unsupported}, {@code refused} or {@code unknown}
     */
    record Revocation(String provider, String outcome) implements Activity {}
}
