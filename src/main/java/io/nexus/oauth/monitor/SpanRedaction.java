package io.nexus.oauth.monitor;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import jakarta.inject.Singleton;
import java.util.List;
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
            if (KEPT.contains(key.getKey())) {
                return;
            }
            // the type is part of the key: a text of that name would stand beside the list
            switch (key.getType()) {
                case STRING -> span.setAttribute(AttributeKey.stringKey(key.getKey()), BLANK);
                case STRING_ARRAY -> span.setAttribute(AttributeKey.stringArrayKey(key.getKey()), List.of(BLANK));
                default -> {} // numbers
            }
        });
    }

    @Override
    public boolean isStartRequired() {
        return true;
    }

    @Override
    public void onEnd(ReadableSpan span) {
        // what is added while it runs is the route and the status; no span takes an event (application.properties)
    }

    @Override
    public boolean isEndRequired() {
        return false;
    }
}
