package io.nexus.oauth.monitor.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.nexus.oauth.event.Activity;
import io.nexus.oauth.event.Reading;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts and times the activities of the service per provider. The labels come from bounded sets: the providers of the
 * catalogue, the codes of this program, and at most 200 reasons of failures, because providers choose error codes. No label
 * holds a user or a tenant.
 */
@ApplicationScoped
class ActivityMetrics {

    private static final String PREFIX = "nexus.oauth.";

    private static final List<String> TRIGGERS = List.of("due", "read", "ahead", "forced", "rejected");

    /** Rare outcomes whose first increase raises an alert. */
    private static final List<String> RARE = List.of("rejected", "misconfigured");

    /** The codes of RFC 6749 section 5.2, which every provider may send. */
    private static final Set<String> OAUTH_ERRORS = Set.of(
            "invalid_request",
            "invalid_client",
            "invalid_grant",
            "unauthorized_client",
            "unsupported_grant_type",
            "invalid_scope");

    /** The other reasons of one provider that have a series; more of them share the series {@code other}. */
    static final int MAX_REASONS = 50;

    private final MeterRegistry registry;
    private final Set<String> known = ConcurrentHashMap.newKeySet();
    private final ConcurrentHashMap<String, Set<String>> reasons = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<TokenRequestKey, TokenRequestMeters> tokenRequests = new ConcurrentHashMap<>();

    ActivityMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    void record(@Observes Activity activity) {
        switch (activity) {
            case Activity.TokenRequest request -> request(request);
            case Activity.Refresh refresh -> refresh(refresh);
            case Activity.Coalesced coalesced -> count("refresh.coalesced", "provider", coalesced.provider());
            case Activity.Connect connect ->
                count("connect.flows", "provider", connect.provider(), "outcome", connect.outcome());
            case Activity.TokenExchange exchange ->
                count("token.exchanges", "provider", exchange.provider(), "outcome", exchange.outcome());
            case Activity.Revocation revocation ->
                count("revocations", "provider", revocation.provider(), "outcome", revocation.outcome());
        }
    }

    /**
     * Creates the series of rare outcomes with the value zero, so that the first one is an increase. Only for providers in
     * use.
     */
    void prepare(@Observes Reading.Connections connections) {
        connections.counts().stream()
                .map(Reading.Count::provider)
                .filter(known::add)
                .forEach(provider -> TRIGGERS.forEach(trigger -> RARE.forEach(outcome -> registry.counter(
                        PREFIX + "refresh", "provider", provider, "trigger", trigger, "outcome", outcome))));
    }

    /** The hot path: each meter is looked up once, not built for every request. */
    private void request(Activity.TokenRequest request) {
        TokenRequestMeters meters =
                tokenRequests.computeIfAbsent(new TokenRequestKey(request.provider(), request.outcome()), this::meters);
        meters.requests().increment();
        meters.duration().record(request.took());
    }

    private TokenRequestMeters meters(TokenRequestKey key) {
        String path = key.outcome().equals("hit") ? "warm" : "refresh";
        return new TokenRequestMeters(
                registry.counter(PREFIX + "token.requests", "provider", key.provider(), "outcome", key.outcome()),
                timer("token.request.duration", "provider", key.provider(), "path", path));
    }

    private void refresh(Activity.Refresh refresh) {
        count("refresh", "provider", refresh.provider(), "trigger", refresh.trigger(), "outcome", refresh.outcome());
        timer("refresh.duration", "provider", refresh.provider()).record(refresh.took());
        String reason = refresh.reason();
        if (reason != null) {
            count("refresh.failures", "provider", refresh.provider(), "reason", bounded(refresh.provider(), reason));
        }
    }

    /** A provider of a tenant may answer with ever new error codes, and each series stays in memory. */
    private String bounded(String provider, String reason) {
        if (OAUTH_ERRORS.contains(reason)) {
            return reason;
        }
        Set<String> known = reasons.computeIfAbsent(provider, first -> ConcurrentHashMap.newKeySet());
        return known.contains(reason) || (known.size() < MAX_REASONS && known.add(reason)) ? reason : "other";
    }

    private void count(String name, String... labels) {
        registry.counter(PREFIX + name, labels).increment();
    }

    private Timer timer(String name, String... labels) {
        return Timer.builder(PREFIX + name)
                .tags(labels)
                .serviceLevelObjectives(
                        Duration.ofMillis(5),
                        Duration.ofMillis(10),
                        Duration.ofMillis(25),
                        Duration.ofMillis(50),
                        Duration.ofMillis(100),
                        Duration.ofMillis(250),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(5),
                        Duration.ofSeconds(30))
                .register(registry);
    }

    private record TokenRequestKey(String provider, String outcome) {}

    private record TokenRequestMeters(Counter requests, Timer duration) {}
}
