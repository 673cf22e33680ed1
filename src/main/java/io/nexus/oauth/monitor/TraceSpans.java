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
 * The spans {@code hand-out}, {@code refresh} and {@code exchange}, made of what the service tells of itself when they end: they hold
 * what the metrics hold, codes and providers, and nothing else can get in. Costs nothing while tracing is off.
 */
@ApplicationScoped
class TraceSpans {

    /** What is nobody's fault here, or a proper answer. */
    private static final Set<String> WELL = Set.of(
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
            case Activity.HandOut handOut -> span("hand-out", handOut, handOut.took(), null, null);
            case Activity.Refresh refresh ->
                span("refresh", refresh, refresh.took(), refresh.trigger(), refresh.reason());
            case Activity.Connect connect -> span("exchange", connect, connect.took(), null, null);
            case Activity.Coalesced coalesced -> Span.current().addEvent("joined a refresh under way");
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
        if (!WELL.contains(activity.outcome())) {
            span.setStatus(StatusCode.ERROR);
        }
        span.end(end);
    }
}
