package io.nexus.oauth.monitor;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.AttributeType;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import jakarta.inject.Singleton;
import java.util.Set;

/**
 * Lets no text into a span that a request brought along: the query of a callback holds a code, that of a token request a user, the
 * path of a link its secret. What stays is a list; everything else is blanked out before anybody reads the span.
 */
@Singleton
final class SpanRedaction implements SpanProcessor {

    private static final Set<String> KEPT = Set.of(
            "http.request.method",
            "http.route",
            "url.scheme",
            "server.address",
            "network.protocol.version",
            "network.protocol.name",
            "code.namespace",
            "code.function",
            "code.function.name",
            "nexus.provider",
            "nexus.outcome",
            "nexus.trigger",
            "nexus.reason");

    private static final String BLANK = "…";

    /** For CDI. */
    SpanRedaction() {}

    @Override
    public void onStart(Context parent, ReadWriteSpan span) {
        span.toSpanData().getAttributes().forEach((key, value) -> {
            if (key.getType() != AttributeType.LONG
                    && key.getType() != AttributeType.BOOLEAN
                    && !KEPT.contains(key.getKey())) {
                span.setAttribute(AttributeKey.stringKey(key.getKey()), BLANK);
            }
        });
    }

    @Override
    public boolean isStartRequired() {
        return true;
    }

    @Override
    public void onEnd(ReadableSpan span) {
        // what is added while it runs is the route and the status
    }

    @Override
    public boolean isEndRequired() {
        return false;
    }
}
