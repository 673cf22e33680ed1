package io.nexus.oauth.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The health of a provider, as the replica that answers knows it since its start.
 *
 * @param provider the provider
 * @param state {@code healthy}: no client waits, and the latest refresh got a proper response; {@code impaired}: a client waits or the
 *     latest refresh failed; {@code failing}: three refreshes in a row failed, or the circuit of a client is open
 * @param failures the failures in a row that the provider or the configuration caused
 * @param lastError the code of the latest of these failures; null when the last refresh got a proper response
 * @param lastSuccessAt when the provider gave the last proper response; null when it gave none
 * @param lastFailureAt when a refresh failed last; null when none failed
 * @param refreshes the number of the latest refreshes that the next three fields are about, 100 at most
 * @param failedRefreshes those of them that failed
 * @param meanMillis the mean time of a refresh in milliseconds
 * @param longestMillis the longest time of a refresh in milliseconds
 * @param metadataReads the requests for the provider's metadata
 * @param metadataFailures those of them that got no document
 * @param clients the OAuth clients with requests in the last hour, 100 at most, those in trouble first
 */
public record ProviderHealthView(
        String provider,
        String state,
        int failures,
        @Nullable String lastError,
        @Nullable Instant lastSuccessAt,
        @Nullable Instant lastFailureAt,
        int refreshes,
        int failedRefreshes,
        long meanMillis,
        long longestMillis,
        long metadataReads,
        long metadataFailures,
        List<Client> clients) {

    /**
     * The limiter of an OAuth client.
     *
     * @param clientId the client identifier
     * @param tenant the tenant with a registration of its own; null for a registration that serves several tenants
     * @param circuit {@code closed}: requests pass; {@code half_open}: one probe passes; {@code open}: none passes; {@code
     *     paused}: the provider asked to wait
     * @param reason the code of the failure that opened the circuit or asked to wait; null while it is closed
     * @param waitSeconds the seconds until the next request; 0 when requests pass
     * @param concurrencyLimit the most concurrent requests now
     * @param inFlight the concurrent requests now
     */
    public record Client(
            String clientId,
            @Nullable String tenant,
            String circuit,
            @Nullable String reason,
            long waitSeconds,
            int concurrencyLimit,
            int inFlight) {}
}
