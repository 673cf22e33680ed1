package io.nexus.oauth.token;

import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.RefreshClaim;
import io.nexus.oauth.credential.SealedGrant;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.event.CredentialEvent;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.ProviderException;
import io.nexus.oauth.provider.TokenReply;
import io.nexus.oauth.store.CredentialStore;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.store.RevocationOutbox;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What follows a claim: one request to the provider, and the end of the claim that its answer asks for. Runs detached from every
 * caller. The provider is asked once; a repetition is the next claim's business.
 */
@ApplicationScoped
class RefreshAttempt {

    private static final Logger LOG = Logger.getLogger(RefreshAttempt.class);
    private static final Duration A_BREATH = Duration.ofSeconds(1);
    private static final Duration OURS_TO_FIX = Duration.ofMinutes(1);
    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LAST_RETRY = Duration.ofSeconds(5);

    private final RefreshStore refreshes;
    private final CredentialStore credentials;
    private final RevocationOutbox outbox;
    private final GrantSealer sealer;
    private final Announcer announcer;
    private final RefreshConfig config;

    RefreshAttempt(
            RefreshStore refreshes,
            CredentialStore credentials,
            RevocationOutbox outbox,
            GrantSealer sealer,
            Announcer announcer,
            RefreshConfig config) {
        this.refreshes = refreshes;
        this.credentials = credentials;
        this.outbox = outbox;
        this.sealer = sealer;
        this.announcer = announcer;
        this.config = config;
    }

    /**
     * What an attempt needs beside its claim.
     *
     * @param claimedAt {@link System#nanoTime()} from before the claim was sent: the local view of the lease's beginning
     */
    record Task(OAuthProvider provider, ClientRegistration client, long claimedAt, Trigger trigger) {}

    /** Spends the refresh token of {@code claim} and ends the claim. */
    Uni<RefreshOutcome> carryOut(RefreshClaim claim, Task task) {
        OAuthCredential grant;
        try {
            grant = sealer.open(claim.credential());
        } catch (CryptoException e) {
            return release(claim, "unreadable", true, backoff(claim))
                    .chain(() -> Uni.createFrom().failure(e));
        }
        if (hasNoTimeFor(task)) {
            return deferred(claim, task, new TokenReply.Deferred("too_late", Optional.of(A_BREATH), true));
        }
        Instant sentAt = announcer.now();
        return task.provider()
                .refreshToken(task.client(), grant)
                .onFailure(ProviderException.class)
                .recoverWithItem(e -> new TokenReply.Misconfigured(e.code()))
                .chain(reply -> judge(claim, task, reply, sentAt));
    }

    /** Ends a claim that cannot be carried out for a reason that is ours to fix. */
    Uni<RefreshOutcome> abandon(RefreshClaim claim, String code, Trigger trigger) {
        announcer.refresh(claim.credential(), trigger, "misconfigured", code, System.nanoTime());
        return release(claim, code, false, OURS_TO_FIX).replaceWith(new RefreshOutcome.Misconfigured(code));
    }

    /** A pause since the claim may have used the lease up; a request sent now could overlap the next owner's. */
    private static boolean hasNoTimeFor(Task task) {
        var timers = task.provider().timers();
        long latest =
                task.claimedAt() + timers.lease().minus(timers.httpTotal()).toNanos();
        return System.nanoTime() - latest > 0;
    }

    private Uni<RefreshOutcome> judge(RefreshClaim claim, Task task, TokenReply reply, Instant sentAt) {
        return switch (reply) {
            case TokenReply.Granted granted ->
                persist(
                        claim,
                        task,
                        sealer.seal(
                                claim,
                                granted.response(),
                                sentAt,
                                task.provider().timers()));
            case TokenReply.Rejected rejected -> rejected(claim, task, rejected);
            case TokenReply.Misconfigured wrong -> {
                announce(claim, task, "misconfigured", wrong.code());
                yield release(claim, wrong.code(), false, OURS_TO_FIX)
                        .replaceWith(new RefreshOutcome.Misconfigured(wrong.code()));
            }
            case TokenReply.Deferred later -> deferred(claim, task, later);
            case TokenReply.Unknown unknown -> unknown(claim, task, unknown);
        };
    }

    /** The provider may have rotated: until this is stored the grant hangs on this process, so it is tried for long. */
    private Uni<RefreshOutcome> persist(RefreshClaim claim, Task task, SealedGrant grant) {
        return patiently(refreshes
                        .complete(claim, grant, task.trigger().label())
                        .onFailure(StorageException.class)
                        .invoke(e -> LOG.errorf(
                                "credential %s: a new token is not stored yet: %s",
                                claim.key().id(), e.getMessage())))
                .chain(stored -> stored.isPresent() ? renewed(claim, task, stored.get()) : outrun(claim, task, grant));
    }

    /** Tries again while the database is away. */
    private <T> Uni<T> patiently(Uni<T> work) {
        return work.onFailure(StorageException.class)
                .retry()
                .withBackOff(FIRST_RETRY, LAST_RETRY)
                .expireIn(config.persistFor().toMillis());
    }

    private Uni<RefreshOutcome> renewed(RefreshClaim claim, Task task, StoredCredential stored) {
        announce(claim, task, "success", null);
        announcer.changed(new CredentialEvent.Refreshed(
                stored.key(), stored.account(), Announcer.SYSTEM, task.trigger().label()));
        return announcer.tellOthers(stored.key().id()).replaceWith(new RefreshOutcome.Renewed(stored));
    }

    /** The fence refused the answer: a newer one is stored, or the grant was revoked and the tokens just born must die too. */
    private Uni<RefreshOutcome> outrun(RefreshClaim claim, Task task, SealedGrant born) {
        announce(claim, task, "lost_race", null);
        return patiently(credentials.find(claim.key()).chain(found -> {
            RefreshOutcome outcome = whateverIsStored(claim, found);
            return outcome instanceof RefreshOutcome.Gone
                    ? outbox.add(claim.credential(), born).replaceWith(outcome)
                    : Uni.createFrom().item(outcome);
        }));
    }

    private Uni<RefreshOutcome> rejected(RefreshClaim claim, Task task, TokenReply.Rejected reply) {
        String code = claim.unresolved() > 1 ? "rotation_lost" : reply.code();
        announce(claim, task, "rejected", code);
        return refreshes.reject(claim, code).chain(ended -> {
            if (!ended) {
                return credentials.find(claim.key()).map(found -> whateverIsStored(claim, found));
            }
            StoredCredential credential = claim.credential();
            announcer.changed(new CredentialEvent.ReauthorizationRequired(
                    credential.key(), credential.account(), Announcer.SYSTEM, code));
            return Uni.createFrom().item(new RefreshOutcome.Rejected(code));
        });
    }

    /** The outcome for who waits, when somebody else's had the last word. */
    private static RefreshOutcome whateverIsStored(RefreshClaim claim, Optional<StoredCredential> found) {
        if (found.isEmpty() || found.get().status() == CredentialStatus.REVOKED) {
            return new RefreshOutcome.Gone();
        }
        StoredCredential now = found.get();
        if (now.status() == CredentialStatus.REAUTHORIZATION_REQUIRED) {
            return new RefreshOutcome.Rejected(
                    Objects.requireNonNullElse(now.refresh().lastError(), "invalid_grant"));
        }
        return now.version() > claim.credential().version()
                ? new RefreshOutcome.Renewed(now)
                : new RefreshOutcome.Deferred("refresh_in_progress", A_BREATH);
    }

    private Uni<RefreshOutcome> deferred(RefreshClaim claim, Task task, TokenReply.Deferred reply) {
        Duration wish = reply.retryAfter().orElseGet(() -> backoff(claim));
        Duration delay = wish.compareTo(A_BREATH) < 0 ? A_BREATH : wish;
        announce(claim, task, "deferred", reply.code());
        return release(claim, reply.code(), !reply.everybody(), delay)
                .replaceWith(new RefreshOutcome.Deferred(reply.code(), delay));
    }

    private Uni<RefreshOutcome> unknown(RefreshClaim claim, Task task, TokenReply.Unknown reply) {
        Duration quarantine = task.provider().timers().quarantine();
        // the first is worth a try as soon as that is safe; a provider that never makes sense is asked ever less often
        Duration pause = claim.unresolved() > 1 ? RefreshPolicy.backoff(claim.unresolved() - 2) : A_BREATH;
        announce(claim, task, "unknown", reply.code());
        return refreshes
                .suspend(claim, reply.code(), pause)
                .onFailure(StorageException.class)
                .recoverWithItem(e -> lost(claim, e))
                .replaceWith(new RefreshOutcome.Deferred(reply.code(), quarantine.plus(pause)));
    }

    /** A claim that cannot be released runs out by itself, so the failure changes nothing for the caller. */
    private Uni<Void> release(RefreshClaim claim, String code, boolean counts, Duration delay) {
        return refreshes
                .release(claim, code, counts, delay)
                .onFailure(StorageException.class)
                .recoverWithItem(e -> lost(claim, e));
    }

    private static @Nullable Void lost(RefreshClaim claim, Throwable failure) {
        LOG.warnf("credential %s: its lease is left to run out: %s", claim.key().id(), failure.getMessage());
        return null;
    }

    private static Duration backoff(RefreshClaim claim) {
        return RefreshPolicy.backoff(claim.credential().refresh().failures());
    }

    private void announce(RefreshClaim claim, Task task, String outcome, @Nullable String reason) {
        announcer.refresh(claim.credential(), task.trigger(), outcome, reason, task.claimedAt());
    }
}
