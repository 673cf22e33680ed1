package io.nexus.oauth.token.refresh;

import io.nexus.oauth.credential.RefreshLease;
import io.nexus.oauth.credential.RefreshState;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.event.CredentialEvent;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.store.CredentialStore;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.token.grant.GrantEvents;
import io.nexus.oauth.token.grant.GrantJournal;
import io.nexus.oauth.token.grant.GrantPersister;
import io.nexus.oauth.token.grant.RefreshConfig;
import io.nexus.oauth.token.grant.RefreshOutcome;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;

/**
 * Decides whether a grant is over. What a provider says once is a suspicion: the token may have been a spent one whose successor
 * another replica holds, and a provider in trouble refuses everybody. Confirmed by a second refusal later, it is over. So a dead
 * grant costs two requests, and nobody has to connect again over somebody else's trouble.
 */
@ApplicationScoped
class InvalidGrantConfirmation {

    /** The refresh token was spent by an attempt whose answer nobody has. */
    static final String ROTATION_LOST = "rotation_lost";

    private final RefreshStore refreshes;
    private final CredentialStore credentials;
    private final GrantJournal journal;
    private final GrantPersister persister;
    private final RejectionSurge surge;
    private final GrantEvents events;
    private final RefreshConfig config;

    InvalidGrantConfirmation(
            RefreshStore refreshes,
            CredentialStore credentials,
            GrantJournal journal,
            GrantPersister persister,
            RejectionSurge surge,
            GrantEvents events,
            RefreshConfig config) {
        this.refreshes = refreshes;
        this.credentials = credentials;
        this.journal = journal;
        this.persister = persister;
        this.surge = surge;
        this.events = events;
        this.config = config;
    }

    /**
     * Whether a suspect is left alone for now, because many grants of its client are refused: what looks like their end is more
     * likely the provider's trouble. An hour after the first refusal it is asked again whatever happens around it.
     */
    Uni<Boolean> isHeld(RefreshLease lease) {
        Instant since = lease.credential().refresh().suspectedAt();
        if (since == null || events.now().isAfter(since.plus(config.holdFor()))) {
            return Uni.createFrom().item(false);
        }
        return surge.isOn(lease.credential())
                .onFailure(StorageException.class)
                .recoverWithItem(true); // what is learnt now could not be stored either
    }

    /** Puts a held suspect back. */
    Uni<RefreshOutcome> hold(RefreshLease lease, RefreshTask task) {
        events.refresh(lease.credential(), task.trigger(), "held", error(lease), task.claimedAt());
        return refreshes
                .postpone(lease, config.holdPause())
                .onFailure(StorageException.class)
                .recoverWithNull() // its lease runs out by itself
                .replaceWith(new RefreshOutcome.Deferred(error(lease), config.holdPause()));
    }

    /** The provider refused the grant. An answer that this machine still holds is the better one, whatever was refused. */
    Uni<RefreshOutcome> refused(RefreshLease lease, TokenReply.Rejected reply) {
        Uni<Boolean> rescued = journal.newest(lease.key())
                .map(persister::replay)
                .orElseGet(() -> Uni.createFrom().item(false));
        return rescued.chain(moved -> moved ? current(lease) : judge(lease, reply));
    }

    private Uni<RefreshOutcome> judge(RefreshLease lease, TokenReply.Rejected reply) {
        boolean confirmed = lease.credential().refresh().suspectedAt() != null;
        return reply.certain() || confirmed ? end(lease, code(lease, reply)) : suspect(lease, code(lease, reply));
    }

    private Uni<RefreshOutcome> suspect(RefreshLease lease, String code) {
        Duration after = config.confirmAfter();
        return refreshes.suspect(lease, code, after).chain(noted -> {
            if (!noted) {
                return current(lease);
            }
            events.tellOthers(lease.credential());
            return Uni.createFrom().item(new RefreshOutcome.Deferred(code, after));
        });
    }

    private Uni<RefreshOutcome> end(RefreshLease lease, String code) {
        return refreshes.reject(lease, code).chain(ended -> {
            if (!ended) {
                return current(lease);
            }
            StoredCredential credential = lease.credential();
            events.changed(new CredentialEvent.ReauthorizationRequired(
                    credential.key(), credential.account(), CredentialEvent.SYSTEM, code));
            events.tellOthers(credential);
            return Uni.createFrom().item(new RefreshOutcome.Rejected(code));
        });
    }

    private Uni<RefreshOutcome> current(RefreshLease lease) {
        return credentials.find(lease.key()).map(found -> GrantPersister.whateverIsStored(lease, found));
    }

    private static String code(RefreshLease lease, TokenReply.Rejected reply) {
        boolean lost = lease.unresolved() > 1
                || ROTATION_LOST.equals(lease.credential().refresh().lastError());
        return lost ? ROTATION_LOST : reply.code();
    }

    private static String error(RefreshLease lease) {
        RefreshState state = lease.credential().refresh();
        return state.lastError() == null ? "invalid_grant" : state.lastError();
    }
}
