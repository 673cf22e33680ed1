package io.nexus.oauth.audit;

import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.event.AuditEntry;
import io.nexus.oauth.event.AuditSignal;
import io.nexus.oauth.store.audit.AuditTrail;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what happens too often for a line each: hand-outs and denials. Equal ones of a minute share two lines at most: the first is
 * written with the next batch, so that a crash loses who had a token for ten seconds only, the rest when the minute is over. A hand-out
 * costs its caller a look into a map, and a fingerprint for the first of a minute; nothing is written on its way.
 */
@ApplicationScoped
public class AuditRecorder {

    private static final int BATCH = 1000;

    /** Denials get that part of the places: who is denied everything can still fill his share, and hand-outs are told all the same. */
    private static final int DENIED_PART = 5;

    private static final String DENIED = "access_denied";

    private final AuditTrail trail;
    private final TokenFingerprints fingerprints;
    private final Event<AuditSignal> signals;
    private final AuditConfig config;
    private final Clock clock;
    private final ConcurrentHashMap<Happening, Tally> tallies = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<Happening, Tally> denials = new ConcurrentHashMap<>();

    AuditRecorder(
            AuditTrail trail,
            TokenFingerprints fingerprints,
            Event<AuditSignal> signals,
            AuditConfig config,
            Clock clock) {
        this.trail = trail;
        this.fingerprints = fingerprints;
        this.signals = signals;
        this.config = config;
        this.clock = clock;
    }

    /** {@code actor} was given {@code token}. Who was only told that it holds the right one already was given nothing. */
    public void handedOut(String actor, AccessToken token) {
        Secret value = token.value();
        if (value != null) {
            Instant now = clock.instant();
            count(
                    new Happening(
                            "token_handed_out",
                            token.key().tenant(),
                            actor,
                            token.key().id(),
                            token.version(),
                            null,
                            now.truncatedTo(ChronoUnit.MINUTES)),
                    now,
                    () -> new Details(
                            token.account().provider(), token.account().user(), null, fingerprints.of(value)));
        }
    }

    /**
     * {@code actor} asked for what its roles do not allow.
     *
     * @param route the method and the template of the path: with ids in it, one caller could fill the memory
     * @param source the address that the call came from, or null
     */
    public void denied(String actor, TenantId tenant, String route, @Nullable String source) {
        signals.fire(new AuditSignal.Denied());
        Instant now = clock.instant();
        count(
                new Happening(DENIED, tenant, actor, null, null, route, now.truncatedTo(ChronoUnit.MINUTES)),
                now,
                () -> new Details(null, null, source, null));
    }

    /**
     * {@code actor} takes these grants out, sealed to the key that {@code key} names. Written before they leave, a line for each; fails
     * when it cannot be. Who is given a copy is found by its token, like everybody who was given one.
     */
    public Uni<Void> exported(String actor, String key, Map<StoredCredential, Secret> tokens) {
        Instant now = clock.instant();
        return trail.add(tokens.entrySet().stream()
                .map(entry -> exported(actor, key, now, entry.getKey(), entry.getValue()))
                .toList());
    }

    private AuditEntry exported(String actor, String key, Instant now, StoredCredential credential, Secret token) {
        return new AuditEntry(
                0,
                now,
                credential.key().tenant(),
                "credential_exported",
                credential.key().id(),
                credential.account().provider(),
                credential.account().user(),
                actor,
                null,
                key,
                null,
                credential.version(),
                1,
                fingerprints.of(token));
    }

    /** The service itself did {@code operation}. */
    void self(String operation) {
        Instant now = clock.instant();
        count(
                new Happening(operation, TenantId.DEFAULT, "system", null, null, null, now),
                now,
                () -> new Details(null, null, null, null));
    }

    /** Writes what is due, in batches, until nothing is; what cannot be written waits for the next time. */
    Uni<Void> flush() {
        return flush(clock.instant().truncatedTo(ChronoUnit.MINUTES));
    }

    /** As {@link #flush()}; minutes before {@code present} are over. */
    Uni<Void> flush(Instant present) {
        return Uni.createFrom().deferred(() -> {
            List<Taken> taken = take(present);
            return taken.isEmpty()
                    ? Uni.createFrom().voidItem()
                    : write(taken)
                            .chain(() -> taken.size() < BATCH ? Uni.createFrom().voidItem() : flush(present));
        });
    }

    /** How many different ones are in memory. */
    int size() {
        return tallies.size() + denials.size();
    }

    private void count(Happening what, Instant now, Supplier<Details> details) {
        Tally counted = of(what).compute(what, (same, present) -> {
            if (present != null) {
                return present.more();
            }
            return hasRoom(what) ? new Tally(details.get(), now, 1, false) : null;
        });
        if (counted == null) {
            signals.fire(new AuditSignal.Dropped(what.operation(), 1));
        }
    }

    private ConcurrentHashMap<Happening, Tally> of(Happening what) {
        return what.operation().equals(DENIED) ? denials : tallies;
    }

    private boolean hasRoom(Happening what) {
        return size() < config.mostWaiting()
                && (!what.operation().equals(DENIED) || denials.size() < config.mostWaiting() / DENIED_PART);
    }

    private List<Taken> take(Instant present) {
        List<Taken> taken = new ArrayList<>();
        take(tallies, present, taken);
        take(denials, present, taken);
        return taken;
    }

    private static void take(ConcurrentHashMap<Happening, Tally> tallies, Instant present, List<Taken> taken) {
        for (Map.Entry<Happening, Tally> entry : tallies.entrySet()) {
            if (taken.size() == BATCH) {
                break;
            }
            Happening what = entry.getKey();
            boolean over = what.minute().isBefore(present);
            if (over || !entry.getValue().told()) {
                tallies.computeIfPresent(what, (same, tally) -> {
                    if (tally.times() > 0) {
                        taken.add(new Taken(what, tally));
                    }
                    return over ? null : tally.emptied();
                });
            }
        }
    }

    private Uni<Void> write(List<Taken> taken) {
        return trail.add(taken.stream().map(Taken::toEntry).toList())
                .onFailure()
                .invoke(() -> taken.forEach(each -> of(each.what()).merge(each.what(), each.tally(), Tally::plus)));
    }

    /** What counts as the same. */
    private record Happening(
            String operation,
            TenantId tenant,
            String actor,
            @Nullable UUID credentialId,
            @Nullable Long version,
            @Nullable String subject,
            Instant minute) {}

    private record Details(
            @Nullable String provider,
            @Nullable String user,
            @Nullable String source,
            @Nullable String fingerprint) {}

    /** {@code told}: whether a line of this minute was written. */
    private record Tally(Details details, Instant first, long times, boolean told) {

        Tally more() {
            return new Tally(details, first, times + 1, told);
        }

        Tally emptied() {
            return new Tally(details, first, 0, true);
        }

        Tally plus(Tally other) {
            Instant earlier = first.isBefore(other.first) ? first : other.first;
            return new Tally(details, earlier, times + other.times, told && other.told);
        }
    }

    private record Taken(Happening what, Tally tally) {

        AuditEntry toEntry() {
            return new AuditEntry(
                    0,
                    tally.first(),
                    what.tenant(),
                    what.operation(),
                    what.credentialId(),
                    tally.details().provider(),
                    tally.details().user(),
                    what.actor(),
                    null,
                    what.subject(),
                    tally.details().source(),
                    what.version(),
                    tally.times(),
                    tally.details().fingerprint());
        }
    }
}
