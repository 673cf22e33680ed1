package io.nexus.oauth.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nexus.oauth.event.ShutdownOrder;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.configuration.MemorySize;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.container.ContainerRequestContext;
import java.time.Duration;
import java.util.Locale;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** Rejects requests before any resource handles them: during shutdown, and for bodies that are too large or too slow. */
@ApplicationScoped
class AdmissionFilter {

    private static final Logger LOG = Logger.getLogger(AdmissionFilter.class);

    /** The time that requests in flight get at shutdown. After it their connections are closed; their refreshes continue. */
    private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(2);

    private final ObjectMapper json;
    private final Vertx vertx;
    private final InFlightRequests inFlight = new InFlightRequests();
    private final long maxBodySize;
    private final Duration bodyTimeout;

    /**
     * @param json writes the refusals
     * @param vertx measures the time
     * @param largestBody the largest body that is read
     * @param bodyTimeout how long the body of a request may take to arrive. After that the caller gets 408
     */
    AdmissionFilter(
            ObjectMapper json,
            Vertx vertx,
            @ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize maxBodySize,
            @ConfigProperty(name = "nexus.oauth.limits.body-timeout", defaultValue = "10s") Duration bodyTimeout) {
        this.json = json;
        this.vertx = vertx;
        this.maxBodySize = maxBodySize.asLongValue();
        this.bodyTimeout = bodyTimeout;
    }

    /** The HTTP layer rejects large bodies without a problem document, so this handler comes first. */
    void register(@Observes Router router) {
        router.route().order(Integer.MIN_VALUE).handler(this::admit);
    }

    /** Runs first at shutdown, because requests in flight need the other beans. Blocks {@link #SHUTDOWN_GRACE} at most. */
    void shut(@Observes @Priority(ShutdownOrder.REFUSE_REQUESTS) ShutdownEvent event) throws InterruptedException {
        int left = inFlight.shut(SHUTDOWN_GRACE);
        if (left > 0) {
            LOG.warnf("%d requests were not answered before shutdown", left);
        }
    }

    /** Rejects NUL characters in the address: PostgreSQL cannot store them in text. */
    @ServerRequestFilter(preMatching = true)
    void withoutNul(ContainerRequestContext request) {
        String address = request.getUriInfo().getRequestUri().toString();
        if (address.contains("%00")) {
            throw InvalidRequest.of("", "the address contains a NUL character");
        }
    }

    private void admit(RoutingContext context) {
        String length = context.request().getHeader(HttpHeaders.CONTENT_LENGTH);
        boolean large = length != null && length.matches("[0-9]{1,18}") && Long.parseLong(length) > maxBodySize;
        if (!inFlight.admit(context)) {
            context.response().putHeader(HttpHeaders.RETRY_AFTER, "1");
            refuse(context, ProblemType.SHUTTING_DOWN);
        } else if (large) {
            refuse(context, ProblemType.PAYLOAD_TOO_LARGE);
        } else if (hasBody(context.request()) && !isSandboxForm(context)) {
            read(context);
        } else {
            context.next();
        }
    }

    private static boolean hasBody(HttpServerRequest request) {
        return request.getHeader(HttpHeaders.CONTENT_LENGTH) != null
                || request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null;
    }

    /** Whether the framework itself reads the body: forms of the sandbox, which does not exist in production. */
    private static boolean isSandboxForm(RoutingContext context) {
        String type = context.request().getHeader(HttpHeaders.CONTENT_TYPE);
        return context.normalizedPath().startsWith("/sandbox/") // requests are routed by this path
                && type != null
                && type.toLowerCase(Locale.ROOT).matches("(application/x-www-form-urlencoded|multipart/).*");
    }

    /** Reads the whole body within the body timeout. Otherwise a slow sender could keep its connection forever. */
    private void read(RoutingContext context) {
        long timer = vertx.setTimer(bodyTimeout.toMillis(), ignored -> refuse(context, ProblemType.REQUEST_TIMEOUT));
        Buffer body = Buffer.buffer();
        context.request()
                .handler(part -> {
                    if (body.length() + part.length() <= maxBodySize) {
                        body.appendBuffer(part);
                    } else if (vertx.cancelTimer(timer)) {
                        refuse(context, ProblemType.PAYLOAD_TOO_LARGE);
                    }
                })
                .exceptionHandler(gone -> vertx.cancelTimer(timer))
                .endHandler(ignored -> {
                    if (vertx.cancelTimer(timer)) {
                        ((RoutingContextInternal) context).setBody(body);
                        context.next();
                    }
                })
                .resume();
    }

    private void refuse(RoutingContext context, ProblemType type) {
        try {
            String body = json.writeValueAsString(ProblemResponses.problem(type, type.title()));
            context.response()
                    .setStatusCode(type.status())
                    .putHeader(HttpHeaders.CONTENT_TYPE, ProblemResponses.PROBLEM_JSON)
                    .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                    .putHeader(HttpHeaders.CONNECTION, "close")
                    .end(body)
                    .onComplete(ignored -> context.request().connection().close());
        } catch (JsonProcessingException e) {
            context.next();
        }
    }
}
