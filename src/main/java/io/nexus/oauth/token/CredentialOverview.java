package io.nexus.oauth.token;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.Overview;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.OverviewQueries;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.token.grant.SingleFlight;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * How a tenant's credentials stand, for a person who wants to know whether all is well. Counting reads all of the tenant's rows, so who asks
 * while it goes on waits for that, and its result is remembered nine times as long as it took: however often somebody asks, the
 * database counts a tenth of the time at most.
 */
@ApplicationScoped
public class CredentialOverview {

    private static final Duration SOON = Duration.ofDays(7);
    private static final int MOST_ENDING = 10;
    private static final int HOURS = 24;

    private static final int REST = 9;
    private static final int MOST_REMEMBERED = 10_000;

    private final OverviewQueries queries;
    private final Clock clock;
    private final SingleFlight<Question, Counted> flights;
    private final Cache<Question, Counted> remembered = Caffeine.newBuilder()
            .maximumSize(MOST_REMEMBERED)
            .expireAfter(Expiry.<Question, Counted>creating(
                    (question, counted) -> counted.cost().multipliedBy(REST)))
            .build();

    private record Question(TenantId tenant, AccessLimits limits) {}

    private record Counted(Overview overview, Duration cost) {}

    CredentialOverview(OverviewQueries queries, Clock clock, CancellationShield shield) {
        this.queries = queries;
        this.clock = clock;
        this.flights = new SingleFlight<>(shield, Integer.MAX_VALUE);
    }

    /**
     * The overview of what {@code limits} covers. Non-blocking; fails with {@link io.nexus.oauth.credential.StorageException}.
     */
    public Uni<Overview> of(TenantId tenant, AccessLimits limits) {
        Question question = new Question(tenant, limits);
        Counted known = remembered.getIfPresent(question);
        return known == null
                ? flights.join(question, () -> count(question)).orElseThrow().map(Counted::overview)
                : Uni.createFrom().item(known.overview());
    }

    private Uni<Counted> count(Question question) {
        long began = System.nanoTime();
        return read(question.tenant(), question.limits())
                .map(overview -> new Counted(overview, Duration.ofNanos(System.nanoTime() - began)))
                .invoke(counted -> remembered.put(question, counted));
    }

    private Uni<Overview> read(TenantId tenant, AccessLimits limits) {
        Instant now = clock.instant();
        Instant soon = now.plus(SOON);
        Instant from = now.truncatedTo(ChronoUnit.HOURS).minus(HOURS - 1, ChronoUnit.HOURS);
        return Uni.combine()
                .all()
                .unis(
                        queries.counts(tenant, limits, now, soon),
                        queries.ending(tenant, limits, now, soon, MOST_ENDING),
                        queries.refreshes(tenant, limits, from))
                .with((counts, ending, hours) -> new Overview(counts, ending, everyHour(from, hours)));
    }

    private static List<Overview.Hour> everyHour(Instant from, List<Overview.Hour> told) {
        Map<Instant, Overview.Hour> known =
                told.stream().collect(Collectors.toMap(Overview.Hour::start, Function.identity()));
        return IntStream.range(0, HOURS)
                .mapToObj(hour -> from.plus(hour, ChronoUnit.HOURS))
                .map(start -> known.getOrDefault(start, new Overview.Hour(start, 0, 0)))
                .toList();
    }
}
