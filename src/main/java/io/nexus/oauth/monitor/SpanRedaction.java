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
 * Removes request data from spans. The query of a callback holds a code, the query of a token request holds a user, and the
 * path of a link holds its secret. The attributes of an allow-list stay; all other texts are blanked when the span starts.
 */
@Singleton
final class SpanRedaction implements SpanProcessor {

    private static final Set<String> ALLOWED = Set.of(
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
            if (ALLOWED.contains(key.getKey())) {
                return;
            }
            // the type is part of the key: a string under the same name would be a second attribute beside the array
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
        // a running span only gets its route and status; span events are switched off in application.properties
    }

    @Override
    public boolean isEndRequired() {
        return false;
    }
}
