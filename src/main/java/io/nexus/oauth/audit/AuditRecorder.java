package io.nexus.oauth.audit;

import io.nexus.oauth.audit.Tallies.Details;
import io.nexus.oauth.audit.Tallies.DueRecord;
import io.nexus.oauth.audit.Tallies.EventKey;
import io.nexus.oauth.audit.Tallies.Tally;
import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.event.AuditEntry;
import io.nexus.oauth.event.AuditSignal;
import io.nexus.oauth.store.audit.AuditStore;
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
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Records events that are too frequent for one line each: issued tokens and denials. Equal events of one minute share
 * at most two lines. The first is written with the next batch, so a crash loses at most ten seconds; the others are
 * counted and written when the minute is over. A token request costs one look-up in a map, and one fingerprint for the
 * first of a minute; it does not wait for a write.
 */
@ApplicationScoped
public class AuditRecorder {

    /**
     * Denials may use this fraction (one fifth) of the capacity, so that a caller who is always denied cannot displace
     * issued tokens.
     */
    private static final int DENIAL_DIVISOR = 5;

    private static final String DENIED = "access_denied";

    private static final int MAX_TARGET = 1_000;

    private final AuditStore trail;
    private final TokenFingerprints fingerprints;
    private final Event<AuditSignal> signals;
    private final Clock clock;
    private final Tallies issued;
    private final Tallies denials;

    AuditRecorder(
            AuditStore trail,
            TokenFingerprints fingerprints,
            Event<AuditSignal> signals,
            AuditConfig config,
            Clock clock) {
        this.trail = trail;
        this.fingerprints = fingerprints;
        this.signals = signals;
        this.clock = clock;
        int ofDenials = config.mostWaiting() / DENIAL_DIVISOR;
        this.issued = new Tallies(config.mostWaiting() - ofDenials);
        this.denials = new Tallies(ofDenials);
    }

    /**
     * {@code actor} received {@code token}, for {@code subject} if it showed the token of a user. Nothing is recorded for
     * a response without the token's value, because the caller has it already.
     */
    public void recordIssued(String actor, @Nullable String subject, AccessToken token) {
        Secret value = token.value();
        if (value != null) {
            Instant now = clock.instant();
            count(
                    new EventKey(
                            "token_handed_out",
                            token.key().tenant(),
                            actor,
                            token.key().id(),
                            token.version(),
                            subject,
                            now.truncatedTo(ChronoUnit.MINUTES)),
                    now,
                    () -> new Details(
                            token.account().provider(), token.account().user(), null, fingerprints.of(value)));
        }
    }

    /**
     * {@code actor} received {@code token}, which {@code account}'s provider issued for the token of the user. It is for {@code target}, of
     * which the trail has the first 1,000 characters.
     *
     * @param subject the user, and who acted for it so far
     */
    public void recordExchanged(String actor, String subject, AccountKey account, String target, Secret token) {
        Instant now = clock.instant();
        String fingerprint = fingerprints.of(token);
        String shown = target.length() > MAX_TARGET ? target.substring(0, MAX_TARGET) + "…" : target;
        count(
                new EventKey(
                        "token_exchanged",
                        account.tenant(),
                        actor,
                        null,
                        null,
                        subject,
                        account.provider() + " " + fingerprint + " " + shown,
                        now.truncatedTo(ChronoUnit.MINUTES)),
                now,
                () -> new Details(
                        account.provider(), account.user(), null, fingerprint, shown.isEmpty() ? null : shown));
    }

    /**
     * The service denied a request of {@code actor}.
     *
     * @param route the method and the path template; paths with ids would let one caller fill the memory
     * @param source the address of the caller, or null
     */
    public void recordDenied(String actor, TenantId tenant, String route, @Nullable String source) {
        signals.fire(new AuditSignal.Denied());
        Instant now = clock.instant();
        count(
                new EventKey(DENIED, tenant, actor, null, null, route, now.truncatedTo(ChronoUnit.MINUTES)),
                now,
                () -> new Details(null, null, source, null));
    }

    /**
     * {@code actor} exports these grants, sealed to the key named {@code key}. One line for each grant is written
     * before the export; fails with {@code StorageException} when that is not possible. A look-up by token finds these
     * lines too.
     */
    public Uni<Void> recordExported(String actor, String key, Map<StoredCredential, Secret> tokens) {
        Instant now = clock.instant();
        return trail.add(tokens.entrySet().stream()
                .map(entry -> exported(actor, key, now, entry.getKey(), entry.getValue()))
                .toList());
    }

    private AuditEntry exported(String actor, String key, Instant now, StoredCredential credential, Secret token) {
        AccountKey of = credential.account();
        UUID id = credential.key().id();
        return single(
                new EventKey("credential_exported", of.tenant(), actor, id, credential.version(), key, now),
                new Details(of.provider(), of.user(), null, fingerprints.of(token)));
    }

    /**
     * {@code actor} makes a link to the connections of {@code user}. The line is written before the link leaves; fails with {@code
     * StorageException} when that is not possible.
     */
    public Uni<Void> recordAccountLink(String actor, TenantId tenant, String user) {
        return trail.add(List.of(single(
                new EventKey("account_link_created", tenant, actor, null, null, null, clock.instant()),
                new Details(null, user, null, null))));
    }

    private static AuditEntry single(EventKey what, Details details) {
        return new DueRecord(what, new Tally(details, what.minute(), 1, false)).toEntry();
    }

    /** The service itself performed {@code operation}. */
    void recordServiceEvent(String operation) {
        Instant now = clock.instant();
        count(
                new EventKey(operation, TenantId.DEFAULT, "system", null, null, null, now),
                now,
                () -> new Details(null, null, null, null));
    }

    /** Writes all due records in batches. Records that cannot be written stay for the next run. Does not block. */
    Uni<Void> flush() {
        return flush(clock.instant().truncatedTo(ChronoUnit.MINUTES));
    }

    /** As {@link #flush()}, in the minute {@code present}. */
    Uni<Void> flush(Instant present) {
        return Uni.createFrom().deferred(() -> {
            List<DueRecord> due = take(present);
            return due.isEmpty()
                    ? Uni.createFrom().voidItem()
                    : write(due)
                            .chain(() -> due.size() < Tallies.BATCH
                                    ? Uni.createFrom().voidItem()
                                    : flush(present));
        });
    }

    /** The number of different events in memory. */
    int size() {
        return issued.size() + denials.size();
    }

    private void count(EventKey what, Instant now, Supplier<Details> details) {
        count(what, 1, () -> new Tally(details.get(), now, 1, false), Tally::increment);
    }

    private void count(EventKey what, long times, Supplier<Tally> first, UnaryOperator<Tally> next) {
        if (!of(what).count(what, first, next)) {
            signals.fire(new AuditSignal.Dropped(what.operation(), times));
        }
    }

    private Tallies of(EventKey what) {
        return what.operation().equals(DENIED) ? denials : issued;
    }

    private List<DueRecord> take(Instant present) {
        List<DueRecord> due = new ArrayList<>();
        issued.take(present, due);
        denials.take(present, due);
        return due;
    }

    private Uni<Void> write(List<DueRecord> due) {
        return trail.add(due.stream().map(DueRecord::toEntry).toList())
                .onFailure()
                .invoke(() -> due.forEach(each ->
                        count(each.what(), each.tally().times(), each::tally, later -> later.plus(each.tally()))));
    }
}
