package io.nexus.oauth.token;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.CredentialState;
import io.nexus.oauth.credential.Overview;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.OverviewQueries;
import io.nexus.oauth.store.Quotas;
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
import org.jspecify.annotations.Nullable;

/**
 * Summarises the state of a tenant's credentials for the overview page. Counting reads all rows of the tenant. Callers that ask
 * meanwhile share that count. The result is cached nine times as long as the count took, so the database spends at most a
 * tenth of its time on it.
 */
@ApplicationScoped
public class CredentialOverview {

    private static final int MAX_ENDING = 10;
    private static final int HOURS = 24;

    private static final int CACHE_FACTOR = 9;
    static final int MAX_CACHED = 10_000;

    private final OverviewQueries queries;
    private final Quotas quotas;
    private final Clock clock;
    private final SingleFlight<Question, Counted> flights;
    private final Cache<Question, Counted> cache = Caffeine.newBuilder()
            .maximumSize(MAX_CACHED)
            .expireAfter(Expiry.<Question, Counted>creating(
                    (question, counted) -> counted.cost().multipliedBy(CACHE_FACTOR)))
            .build();

    private record Question(TenantId tenant, AccessLimits limits) {}

    private record Counted(Overview overview, Duration cost) {}

    CredentialOverview(OverviewQueries queries, Quotas quotas, Clock clock, CancellationShield shield) {
        this.queries = queries;
        this.quotas = quotas;
        this.clock = clock;
        this.flights = new SingleFlight<>(shield, Integer.MAX_VALUE);
    }

    /**
     * The overview of the credentials within {@code limits}. Non-blocking; fails with {@link
     * io.nexus.oauth.credential.StorageException}.
     */
    public Uni<Overview> of(TenantId tenant, AccessLimits limits) {
        Question question = new Question(tenant, limits);
        Counted known = cache.getIfPresent(question);
        return known == null
                ? flights.join(question, () -> count(question)).orElseThrow().map(Counted::overview)
                : Uni.createFrom().item(known.overview());
    }

    /** The most credentials of a tenant that are not revoked, or null when there is no limit. */
    public @Nullable Long limit() {
        return quotas.credentialsPerTenant();
    }

    private Uni<Counted> count(Question question) {
        long startedAt = System.nanoTime();
        return read(question.tenant(), question.limits())
                .map(overview -> new Counted(overview, Duration.ofNanos(System.nanoTime() - startedAt)))
                .invoke(counted -> cache.put(question, counted));
    }

    /** The number of cached answers. */
    long size() {
        cache.cleanUp();
        return cache.estimatedSize();
    }

    /** Counts in the database. */
    Uni<Overview> read(TenantId tenant, AccessLimits limits) {
        Instant now = clock.instant();
        Instant endingBefore = now.plus(CredentialState.EXPIRING_WITHIN);
        Instant from = now.truncatedTo(ChronoUnit.HOURS).minus(HOURS - 1, ChronoUnit.HOURS);
        return Uni.combine()
                .all()
                .unis(
                        queries.counts(tenant, limits, now, endingBefore),
                        queries.ending(tenant, limits, now, endingBefore, MAX_ENDING),
                        queries.refreshes(tenant, limits, from))
                .with((counts, ending, hours) -> new Overview(counts, ending, everyHour(from, hours)));
    }

    private static List<Overview.Hour> everyHour(Instant from, List<Overview.Hour> counted) {
        Map<Instant, Overview.Hour> known =
                counted.stream().collect(Collectors.toMap(Overview.Hour::start, Function.identity()));
        return IntStream.range(0, HOURS)
                .mapToObj(hour -> from.plus(hour, ChronoUnit.HOURS))
                .map(start -> known.getOrDefault(start, new Overview.Hour(start, 0, 0, 0)))
                .toList();
    }
}
