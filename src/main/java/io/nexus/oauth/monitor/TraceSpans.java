package io.nexus.oauth.monitor;

import io.nexus.oauth.event.Activity;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Creates the spans {@code hand-out}, {@code refresh} and {@code exchange} from activities, after they end. Like the metrics,
 * the spans hold only codes and provider ids. Does nothing while tracing is off.
 */
@ApplicationScoped
class TraceSpans {

    /** Outcomes that are not errors of the service or the provider. */
    private static final Set<String> NO_ERROR = Set.of(
            "hit",
            "refreshed",
            "success",
            "completed",
            "lost_race",
            "limited",
            "reconnect_required",
            "denied",
            "insufficient_scope",
            "rejected");

    private final Tracer tracer;
    private final Clock clock;
    private final boolean on;

    TraceSpans(Tracer tracer, Clock clock, @ConfigProperty(name = "quarkus.otel.sdk.disabled") boolean disabled) {
        this.tracer = tracer;
        this.clock = clock;
        this.on = !disabled;
    }

    void record(@Observes Activity activity) {
        if (!on) {
            return;
        }
        switch (activity) {
            case Activity.TokenRequest request -> span("hand-out", request, request.took(), null, null);
            case Activity.Refresh refresh ->
                span("refresh", refresh, refresh.took(), refresh.trigger(), refresh.reason());
            case Activity.Connect connect -> span("exchange", connect, connect.took(), null, null);
            case Activity.Coalesced coalesced -> Span.current().addEvent("joined a refresh under way");
            case Activity.TokenExchange exchange -> {
                // the request to the provider has a span of its own
            }
            case Activity.Revocation revocation -> {
                // counted only
            }
        }
    }

    private void span(
            String name, Activity activity, Duration took, @Nullable String trigger, @Nullable String reason) {
        Instant end = clock.instant();
        var builder = tracer.spanBuilder(name)
                .setParent(Context.current())
                .setSpanKind(SpanKind.INTERNAL)
                .setStartTimestamp(end.minus(took))
                .setAttribute("nexus.provider", activity.provider())
                .setAttribute("nexus.outcome", activity.outcome());
        if (trigger != null) {
            builder.setAttribute("nexus.trigger", trigger);
        }
        if (reason != null) {
            builder.setAttribute("nexus.reason", reason);
        }
        Span span = builder.startSpan();
        if (!NO_ERROR.contains(activity.outcome())) {
            span.setStatus(StatusCode.ERROR);
        }
        span.end(end);
    }
}
