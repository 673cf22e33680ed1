package io.nexus.oauth.token.machine;

import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.SavedCredential;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.event.AuditEntry;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.store.audit.AuditStore;
import io.nexus.oauth.token.TokenManager;
import io.nexus.oauth.token.UnstoredTokens;
import io.nexus.oauth.token.client.UnsentRequests;
import io.nexus.oauth.token.grant.RefreshConfig;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Stores the tokens of machine connections. A token that is not stored is revoked at the provider. A creation that fails after the
 * provider was asked leaves a line in the audit trail.
 */
@ApplicationScoped
class MachineGrants {

    private static final Logger LOG = Logger.getLogger(MachineGrants.class);

    private final TokenManager tokens;
    private final UnstoredTokens unstored;
    private final AuditStore trail;
    private final RefreshConfig config;
    private final Clock clock;

    MachineGrants(TokenManager tokens, UnstoredTokens unstored, AuditStore trail, RefreshConfig config, Clock clock) {
        this.tokens = tokens;
        this.unstored = unstored;
        this.trail = trail;
        this.config = config;
        this.clock = clock;
    }

    /**
     * A creation under way.
     *
     * @param present the credential of the account before the provider was asked
     * @param limits the limits of the caller
     * @param actor the caller
     * @param onlyNew whether no credential of the account may be replaced
     */
    record Creation(
            AccountKey account,
            OAuthProvider provider,
            ClientRegistration client,
            Optional<StoredCredential> present,
            AccessLimits limits,
            String actor,
            boolean onlyNew) {

        private boolean replaces(Throwable failure) {
            return !(failure instanceof CredentialException.RevokedMeanwhile) && isActive(present);
        }
    }

    /** Whether the account has a credential that is not revoked, so that a new token needs no further place. */
    static boolean isActive(Optional<StoredCredential> present) {
        return present.filter(found -> found.status() != CredentialStatus.REVOKED)
                .isPresent();
    }

    /**
     * Fails with {@link CredentialException.TooManyRefreshes} when the token of {@code present} is as young as one that no caller
     * may have refreshed. A revoked machine connection counts, too: its creation costs a request as well.
     */
    void requireInterval(Optional<StoredCredential> present) {
        present.filter(StoredCredential::isMachine).ifPresent(machine -> {
            Duration tooSoon = machine.tooSoon(clock.instant(), config.minInterval());
            if (tooSoon.isPositive()) {
                throw new CredentialException.TooManyRefreshes(tooSoon);
            }
        });
    }

    /** Stores {@code credential}. Fails with {@link CredentialException}, and then revokes its token at the provider. */
    Uni<SavedCredential> store(Creation creation, OAuthCredential credential) {
        return Uni.createFrom()
                .deferred(() -> {
                    if (!creation.limits().allows(creation.account(), credential.scopes())) {
                        throw new CredentialException.Forbidden(
                                "the provider granted scopes that the caller's roles do not cover");
                    }
                    return creation.onlyNew()
                            ? tokens.storeNewCredential(creation.account(), credential, creation.actor())
                            : tokens.storeMachine(
                                    creation.account(),
                                    credential,
                                    creation.present()
                                            .map(StoredCredential::version)
                                            .orElse(0L),
                                    creation.actor());
                })
                .onFailure()
                .call(failure -> unstored.revoke(
                        creation.provider(),
                        creation.client(),
                        credential,
                        "Machine connection of tenant "
                                + creation.account().tenant().value(),
                        creation.replaces(failure)));
    }

    /** Writes that {@code creation} failed. Never fails: without the database the log has it. */
    Uni<Void> recordFailure(Creation creation, Throwable failure) {
        if (UnsentRequests.has(code(failure))) {
            return Uni.createFrom().voidItem(); // a loop of calls that ask nobody writes no lines
        }
        AccountKey account = creation.account();
        AuditEntry entry = new AuditEntry(
                0,
                clock.instant(),
                account.tenant(),
                "machine_connection_failed",
                creation.present().map(found -> found.key().id()).orElse(null),
                account.provider(),
                account.user(),
                creation.actor(),
                code(failure),
                null,
                null,
                null,
                1,
                null);
        return trail.add(List.of(entry))
                .onFailure()
                .invoke(e -> LOG.warnf(
                        "Tenant %s: a machine connection at provider %s failed, and the audit trail cannot record it: %s",
                        account.tenant().value(), account.provider(), e.getMessage()))
                .onFailure()
                .recoverWithNull();
    }

    private static String code(Throwable failure) {
        return switch (failure) {
            case ProviderException failed -> failed.code();
            case CredentialException.Forbidden denied -> "scopes_not_allowed";
            case CredentialException.QuotaExceeded full -> "quota_exceeded";
            case CredentialException.RevokedMeanwhile revoked -> "revoked";
            case CredentialException.Conflict conflict -> "conflict";
            case StorageException away -> "storage_unavailable";
            default -> "internal";
        };
    }
}
