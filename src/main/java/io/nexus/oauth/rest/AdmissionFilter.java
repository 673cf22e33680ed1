package io.nexus.oauth.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nexus.oauth.access.PageSessions;
import io.nexus.oauth.event.ShutdownOrder;
import io.quarkus.qute.Engine;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.configuration.MemorySize;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.container.ResourceInfo;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Rejects requests before any resource handles them: during shutdown, for addresses that could be read in two ways, and for bodies
 * that are too large or too slow.
 */
@ApplicationScoped
class AdmissionFilter {

    private static final Logger LOG = Logger.getLogger(AdmissionFilter.class);

    /** The time that requests in flight get at shutdown. After it their connections are closed; their refreshes continue. */
    private static final Duration SHUTDOWN_GRACE = Duration.ofSeconds(2);

    /**
     * The highest number of bytes of a refused body that are discarded before the connection is closed. Many clients
     * read the response only after they sent the body.
     */
    private static final long MAX_DISCARDED = 2 * 1024 * 1024;

    private static final String PAGE_POLICY =
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final ObjectMapper json;
    private final Engine templates;
    private final Vertx vertx;
    private final InFlightRequests inFlight = new InFlightRequests();
    private final long maxBodySize;
    private final Duration bodyTimeout;

    /**
     * @param json writes the refusals
     * @param templates has the page for refusals that people see
     * @param vertx measures the time
     * @param maxBodySize the largest body that is read
     * @param bodyTimeout how long the body of a request may take to arrive. After that the caller gets 408
     */
    AdmissionFilter(
            ObjectMapper json,
            Engine templates,
            Vertx vertx,
            @ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize maxBodySize,
            @ConfigProperty(name = "nexus.oauth.limits.body-timeout", defaultValue = "10s") Duration bodyTimeout) {
        this.json = json;
        this.templates = templates;
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

    /** Rejects a request that was authenticated as a page but reached another resource, or the other way round. */
    @ServerRequestFilter
    void sameKind(ResourceInfo resource, RoutingContext context) {
        Path path = resource.getResourceClass().getAnnotation(Path.class);
        boolean page = path != null && PageSessions.isPage(path.value());
        if (page != PageSessions.isPage(context.normalizedPath())) {
            throw new NotFoundException();
        }
    }

    private void admit(RoutingContext context) {
        String uri = context.request().uri();
        String escaped = IncomingAddress.isForBrowsers(uri) ? IncomingAddress.escaped(uri) : uri;
        if (!escaped.equals(uri)) {
            context.reroute(context.request().method(), escaped);
        } else if (!inFlight.admit(context)) {
            context.response().putHeader(HttpHeaders.RETRY_AFTER, "1");
            refuse(context, ProblemType.SHUTTING_DOWN);
        } else {
            IncomingAddress.fault(uri)
                    .ifPresentOrElse(fault -> refuse(context, fault.type(), fault.detail()), () -> admitBody(context));
        }
    }

    private void admitBody(RoutingContext context) {
        String length = context.request().getHeader(HttpHeaders.CONTENT_LENGTH);
        boolean large = length != null && length.matches("[0-9]{1,18}") && Long.parseLong(length) > maxBodySize;
        if (large) {
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
        refuse(context, type, type.title());
    }

    private void refuse(RoutingContext context, ProblemType type, String detail) {
        boolean page = IncomingAddress.isForBrowsers(context.request().uri());
        HttpServerResponse response = context.response()
                .setStatusCode(type.status())
                .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                .putHeader(HttpHeaders.CONNECTION, "close")
                .putHeader(HttpHeaders.CONTENT_TYPE, page ? "text/html;charset=utf-8" : ProblemResponses.PROBLEM_JSON);
        if (page) {
            response.putHeader("Content-Security-Policy", PAGE_POLICY)
                    .putHeader("X-Content-Type-Options", "nosniff")
                    .putHeader("Referrer-Policy", "no-referrer");
        }
        response.end(page ? page(type, detail) : problem(type, detail)).onComplete(ignored -> {
            if (type == ProblemType.PAYLOAD_TOO_LARGE) {
                discardBody(context.request());
            } else {
                context.request().connection().close();
            }
        });
    }

    /**
     * Closes the connection when the body has arrived, at {@link #MAX_DISCARDED} bytes, or after the body timeout. A close
     * before that would reset the connection under a client that is still sending, and the client would lose the response.
     */
    private void discardBody(HttpServerRequest request) {
        HttpConnection connection = request.connection();
        if (request.isEnded()) {
            connection.close();
            return;
        }
        long timer = vertx.setTimer(bodyTimeout.toMillis(), ignored -> connection.close());
        AtomicLong discarded = new AtomicLong();
        // not by the close handler of the connection: with it the framework counts the open connections
        request.exceptionHandler(gone -> vertx.cancelTimer(timer))
                .handler(part -> {
                    if (discarded.addAndGet(part.length()) > MAX_DISCARDED) {
                        connection.close();
                    }
                })
                .endHandler(ignored -> {
                    vertx.cancelTimer(timer);
                    connection.close();
                })
                .resume();
    }

    private String page(ProblemType type, String detail) {
        return templates
                .getTemplate("connect/message")
                .data("title", type.title())
                .data("text", "Open your link again, or go back and try again. Reason: " + detail + ".")
                .render();
    }

    private String problem(ProblemType type, String detail) {
        try {
            return json.writeValueAsString(ProblemResponses.problem(type, detail));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
