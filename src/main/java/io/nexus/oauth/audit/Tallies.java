package io.nexus.oauth.audit;

import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.event.AuditEntry;
import io.nexus.oauth.event.TenantPlaces;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The tallies that wait. They share places, so that a tenant with very many events displaces no other tenant's. */
final class Tallies {

    /** The most lines of one statement. */
    static final int BATCH = 1000;

    private final ConcurrentHashMap<EventKey, Tally> byEvent = new ConcurrentHashMap<>();
    private final TenantPlaces places;

    Tallies(int capacity) {
        this.places = new TenantPlaces(capacity);
    }

    /** Changes the tally of {@code what} to its {@code next}. Without one, keeps the {@code first}; false without a place for it. */
    boolean count(EventKey what, Supplier<Tally> first, UnaryOperator<Tally> next) {
        return byEvent.compute(what, (same, present) -> {
                    if (present != null) {
                        return next.apply(present);
                    }
                    return places.take(what.tenant()) ? first.get() : null;
                })
                != null;
    }

    void take(Instant present, List<DueRecord> due) {
        for (Map.Entry<EventKey, Tally> entry : byEvent.entrySet()) {
            if (due.size() == BATCH) {
                break;
            }
            EventKey what = entry.getKey();
            boolean over = what.minute().isBefore(present);
            if (over || !entry.getValue().written()) {
                byEvent.computeIfPresent(what, (same, tally) -> {
                    if (tally.times() > 0) {
                        due.add(new DueRecord(what, tally));
                    }
                    return over ? freed(what) : tally.reset();
                });
            }
        }
    }

    private @Nullable Tally freed(EventKey what) {
        places.free(what.tenant());
        return null;
    }

    int size() {
        return byEvent.size();
    }

    /**
     * The key by which equal events of a minute are counted together.
     *
     * @param target tells events apart beyond the columns of the trail, or null
     * @param minute the minute; the exact time of a single event
     */
    record EventKey(
            String operation,
            TenantId tenant,
            String actor,
            @Nullable UUID credentialId,
            @Nullable Long version,
            @Nullable String subject,
            @Nullable String target,
            Instant minute) {

        /** An event that its subject tells from others. */
        EventKey(
                String operation,
                TenantId tenant,
                String actor,
                @Nullable UUID credentialId,
                @Nullable Long version,
                @Nullable String subject,
                Instant minute) {
            this(operation, tenant, actor, credentialId, version, subject, null, minute);
        }
    }

    record Details(
            @Nullable String provider,
            @Nullable String user,
            @Nullable String source,
            @Nullable String fingerprint,
            @Nullable String detail) {

        /** Without a detail. */
        Details(
                @Nullable String provider,
                @Nullable String user,
                @Nullable String source,
                @Nullable String fingerprint) {
            this(provider, user, source, fingerprint, null);
        }
    }

    /** The count of one event; {@code written} says whether a line of this minute was written. */
    record Tally(Details details, Instant first, long times, boolean written) {

        Tally increment() {
            return new Tally(details, first, times + 1, written);
        }

        Tally reset() {
            return new Tally(details, first, 0, true);
        }

        Tally plus(Tally other) {
            Instant earlier = first.isBefore(other.first) ? first : other.first;
            return new Tally(details, earlier, times + other.times, written && other.written);
        }
    }

    record DueRecord(EventKey what, Tally tally) {

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
                    tally.details().detail(),
                    what.subject(),
                    tally.details().source(),
                    what.version(),
                    tally.times(),
                    tally.details().fingerprint());
        }
    }
}
