package io.nexus.oauth.credential;

import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A grant to be stored.
 *
 * @param id the id its secrets are sealed for: that of the account's row, or a new one
 * @param account whose account at which provider
 * @param grant the token material
 * @param clientId the OAuth client of the grant, or null when unknown
 * @param identity the account at the provider, or null
 * @param quarantine how long an attempt of unknown fate keeps others away
 * @param actor who stores it
 * @param acceptOtherAccount whether it may replace the grant of another account
 * @param revocationEndsGrant whether revoking any token of this client and account at the provider ends all of them
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
        boolean revocationEndsGrant) {}
