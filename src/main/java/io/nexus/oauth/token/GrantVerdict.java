package io.nexus.oauth.token;

import io.nexus.oauth.credential.RefreshClaim;
import io.nexus.oauth.credential.RefreshState;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.event.CredentialEvent;
import io.nexus.oauth.provider.TokenReply;
import io.nexus.oauth.store.CredentialStore;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.token.RefreshAttempt.Task;
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
class GrantVerdict {

    /** The refresh token was spent by an attempt whose answer nobody has. */
    static final String ROTATION_LOST = "rotation_lost";

    private final RefreshStore refreshes;
    private final CredentialStore credentials;
    private final AnswerJournal journal;
    private final AnswerKeeper keeper;
    private final RejectionWave wave;
    private final Announcer announcer;
    private final RefreshConfig config;

    GrantVerdict(
            RefreshStore refreshes,
            CredentialStore credentials,
            AnswerJournal journal,
            AnswerKeeper keeper,
            RejectionWave wave,
            Announcer announcer,
            RefreshConfig config) {
        this.refreshes = refreshes;
        this.credentials = credentials;
        this.journal = journal;
        this.keeper = keeper;
        this.wave = wave;
        this.announcer = announcer;
        this.config = config;
    }

    /**
     * Whether a suspect is left alone for now, because many grants of its client are refused: what looks like their end is more
     * likely the provider's trouble. An hour after the first refusal it is asked again whatever happens around it.
     */
    Uni<Boolean> isHeld(RefreshClaim claim) {
        Instant since = claim.credential().refresh().suspectedAt();
        if (since == null || announcer.now().isAfter(since.plus(config.holdFor()))) {
            return Uni.createFrom().item(false);
        }
        return wave.isOn(claim.credential())
                .onFailure(StorageException.class)
                .recoverWithItem(true); // what is learnt now could not be stored either
    }

    /** Puts a held suspect back. */
    Uni<RefreshOutcome> hold(RefreshClaim claim, Task task) {
        announcer.refresh(claim.credential(), task.trigger(), "held", error(claim), task.claimedAt());
        return refreshes
                .postpone(claim, config.holdPause())
                .onFailure(StorageException.class)
                .recoverWithNull() // its lease runs out by itself
                .replaceWith(new RefreshOutcome.Deferred(error(claim), config.holdPause()));
    }

    /** The provider refused the grant. An answer that this machine still holds is the better one, whatever was refused. */
    Uni<RefreshOutcome> refused(RefreshClaim claim, TokenReply.Rejected reply) {
        Uni<Boolean> rescued = journal.newest(claim.key())
                .map(keeper::replay)
                .orElseGet(() -> Uni.createFrom().item(false));
        return rescued.chain(moved -> moved ? current(claim) : judge(claim, reply));
    }

    private Uni<RefreshOutcome> judge(RefreshClaim claim, TokenReply.Rejected reply) {
        boolean confirmed = claim.credential().refresh().suspectedAt() != null;
        return reply.certain() || confirmed ? end(claim, code(claim, reply)) : suspect(claim, code(claim, reply));
    }

    private Uni<RefreshOutcome> suspect(RefreshClaim claim, String code) {
        Duration after = config.confirmAfter();
        return refreshes.suspect(claim, code, after).chain(noted -> {
            if (!noted) {
                return current(claim);
            }
            announcer.tellOthers(claim.credential());
            return Uni.createFrom().item(new RefreshOutcome.Deferred(code, after));
        });
    }

    private Uni<RefreshOutcome> end(RefreshClaim claim, String code) {
        return refreshes.reject(claim, code).chain(ended -> {
            if (!ended) {
                return current(claim);
            }
            StoredCredential credential = claim.credential();
            announcer.changed(new CredentialEvent.ReauthorizationRequired(
                    credential.key(), credential.account(), Announcer.SYSTEM, code));
            announcer.tellOthers(credential);
            return Uni.createFrom().item(new RefreshOutcome.Rejected(code));
        });
    }

    private Uni<RefreshOutcome> current(RefreshClaim claim) {
        return credentials.find(claim.key()).map(found -> AnswerKeeper.whateverIsStored(claim, found));
    }

    private static String code(RefreshClaim claim, TokenReply.Rejected reply) {
        boolean lost = claim.unresolved() > 1
                || ROTATION_LOST.equals(claim.credential().refresh().lastError());
        return lost ? ROTATION_LOST : reply.code();
    }

    private static String error(RefreshClaim claim) {
        RefreshState state = claim.credential().refresh();
        return state.lastError() == null ? "invalid_grant" : state.lastError();
    }
}
