package io.nexus.oauth.credential;

import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A grant that the service is about to store.
 *
 * @param id the id for which its secrets are sealed: that of the account's row, or a new one
 * @param account the account at the provider
 * @param grant the token material
 * @param clientId the OAuth client of the grant, or null when unknown
 * @param identity the account's identity at the provider, or null
 * @param quarantine how long an attempt with an unknown result blocks further refreshes
 * @param actor the caller that stores it
 * @param acceptOtherAccount whether it may replace the grant of another account
 * @param revocationEndsGrant whether the provider ends all tokens of this client and account when one is revoked
 * @param request the token request of a machine connection, or null for the grant of a person
 */
public record NewCredential(
        UUID id,
        AccountKey account,
        SealedGrant grant,
        @Nullable String clientId,
        @Nullable AccountIdentity identity,
        Duration quarantine,
        String actor,
        boolean acceptOtherAccount,
        boolean revocationEndsGrant,
        @Nullable TokenRequest request) {}
