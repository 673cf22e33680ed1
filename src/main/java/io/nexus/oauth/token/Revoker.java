package io.nexus.oauth.token;

import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.PendingRevocation;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.event.CredentialEvent;
import io.nexus.oauth.keys.TenantKeyLoader;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.provider.reply.RevocationReply;
import io.nexus.oauth.store.CredentialStore;
import io.nexus.oauth.store.RevocationOutbox;
import io.nexus.oauth.token.client.ClientRegistrations;
import io.nexus.oauth.token.grant.GrantEvents;
import io.nexus.oauth.token.grant.RefreshPolicy;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/**
 * Revokes grants: locally first, then at the provider (RFC 7009). The local revocation writes an outbox entry for the
 * provider in the same transaction, so a crash or an outage does not lose it.
 */
@ApplicationScoped
class Revoker {

    /** Longer than any revocation request takes: an entry still open after that has lost its owner. */
    private static final Duration LEASE = Duration.ofMinutes(2);

    private final CredentialStore credentials;
    private final RevocationOutbox outbox;
    private final ProviderCatalogue catalogue;
    private final ClientRegistrations clients;
    private final SecretSealer sealer;
    private final TenantKeyLoader tenants;
    private final GrantEvents events;

    Revoker(
            CredentialStore credentials,
            RevocationOutbox outbox,
            ProviderCatalogue catalogue,
            ClientRegistrations clients,
            SecretSealer sealer,
            TenantKeyLoader tenants,
            GrantEvents events) {
        this.credentials = credentials;
        this.outbox = outbox;
        this.catalogue = catalogue;
        this.clients = clients;
        this.sealer = sealer;
        this.tenants = tenants;
        this.events = events;
    }

    Uni<Revocation> revoke(CredentialKey key, String actor) {
        return credentials
                .revoke(key, actor)
                .chain(queued -> credentials.find(key).chain(found -> {
                    StoredCredential credential = found.orElseThrow(CredentialException.NotFound::new);
                    if (queued.isEmpty()) {
                        return Uni.createFrom().item(new Revocation(credential, Revocation.AtProvider.ALREADY));
                    }
                    events.stored(credential);
                    events.changed(new CredentialEvent.Revoked(key, credential.account(), actor));
                    return atProvider(queued.get()).map(there -> new Revocation(credential, there));
                }));
    }

    /** Revokes the grants of due outbox entries at their providers. Returns how many entries were due. */
    Uni<Integer> retryDue(int limit) {
        return outbox.takeDue(limit, LEASE)
                .chain(due -> due.isEmpty()
                        ? Uni.createFrom().item(0)
                        : Uni.join()
                                .all(due.stream().map(this::revokeAtProvider).toList())
                                .andCollectFailures()
                                .map(List::size));
    }

    /** The local revocation is already committed, so a failure here only leaves the entry pending. */
    private Uni<Revocation.AtProvider> atProvider(UUID id) {
        return outbox.take(id, LEASE)
                .chain(entry -> entry.isPresent()
                        ? revokeAtProvider(entry.get())
                        : Uni.createFrom().item(Revocation.AtProvider.PENDING))
                .onFailure()
                .recoverWithItem(Revocation.AtProvider.PENDING);
    }

    private Uni<Revocation.AtProvider> revokeAtProvider(PendingRevocation entry) {
        return tenants.ensureOpenable(entry.key().tenant(), entry.accessToken())
                .chain(() -> revokeAndRecord(entry))
                .onFailure(CryptoException.TenantShredded.class)
                .recoverWithUni(() -> done(entry, "tenant_shredded", Revocation.AtProvider.UNSUPPORTED));
    }

    private Uni<Revocation.AtProvider> revokeAndRecord(PendingRevocation entry) {
        return ask(entry).chain(reply -> {
            String outcome = reply.name().toLowerCase(Locale.ROOT);
            events.revocation(entry.account().provider(), outcome);
            return switch (reply) {
                case REVOKED -> done(entry, outcome, Revocation.AtProvider.REVOKED);
                case UNSUPPORTED -> done(entry, outcome, Revocation.AtProvider.UNSUPPORTED);
                case REFUSED -> done(entry, outcome, Revocation.AtProvider.REFUSED);
                case UNKNOWN ->
                    outbox.postpone(entry.id(), RefreshPolicy.backoff(entry.attempts()))
                            .replaceWith(Revocation.AtProvider.PENDING);
            };
        });
    }

    private Uni<Revocation.AtProvider> done(PendingRevocation entry, String outcome, Revocation.AtProvider result) {
        return outbox.done(entry.id(), outcome).replaceWith(result);
    }

    private Uni<RevocationReply> ask(PendingRevocation entry) {
        Optional<OAuthProvider> provider = catalogue.find(entry.account().provider());
        if (provider.isEmpty()) {
            return Uni.createFrom().item(RevocationReply.UNKNOWN);
        }
        return clients.get(entry.key().tenant(), provider.get().id(), entry.clientId(), entry.clientVars())
                .chain(client -> provider.get().revokeToken(client, open(entry)))
                // the client was deleted, replaced or cannot be decrypted: the entry waits until an operator repairs
                // that
                .onFailure(failure -> failure instanceof ProviderException || failure instanceof CryptoException)
                .recoverWithItem(RevocationReply.UNKNOWN);
    }

    private OAuthCredential open(PendingRevocation entry) {
        return new OAuthCredential(
                unseal(entry, StoredCredential.ACCESS_TOKEN, entry.accessToken()),
                entry.refreshToken() == null
                        ? null
                        : unseal(entry, StoredCredential.REFRESH_TOKEN, entry.refreshToken()),
                entry.tokenType(),
                null,
                false,
                Scopes.NONE,
                entry.clientId(),
                entry.clientVars(),
                null,
                entry.metadata(),
                null,
                null);
    }

    private Secret unseal(PendingRevocation entry, String field, SealedSecret sealed) {
        return sealer.unseal(sealed, StoredCredential.place(entry.key(), entry.clientVars(), field));
    }
}
