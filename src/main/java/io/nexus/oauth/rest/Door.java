package io.nexus.oauth.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.quarkus.runtime.configuration.MemorySize;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.ws.rs.container.ContainerRequestContext;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** What is refused before any resource is asked. */
@ApplicationScoped
class Door {

    private final ObjectMapper json;
    private final long largestBody;

    Door(ObjectMapper json, @ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize largestBody) {
        this.json = json;
        this.largestBody = largestBody.asLongValue();
    }

    /** The HTTP layer refuses large bodies before JAX-RS sees the request, but without a word. */
    void register(@Observes Router router) {
        router.route().order(Integer.MIN_VALUE).handler(this::admit);
    }

    /** PostgreSQL's text has no NUL, and nothing here is named with one. */
    @ServerRequestFilter(preMatching = true)
    void withoutNul(ContainerRequestContext request) {
        String address = request.getUriInfo().getRequestUri().toString();
        if (address.contains("%00")) {
            throw InvalidRequest.of("", "the address holds a NUL character");
        }
    }

    private void admit(RoutingContext context) {
        String length = context.request().getHeader(HttpHeaders.CONTENT_LENGTH);
        boolean large = length != null && length.matches("[0-9]{1,18}") && Long.parseLong(length) > largestBody;
        if (large) {
            refuse(context);
        } else {
            context.next();
        }
    }

    private void refuse(RoutingContext context) {
        try {
            ProblemType type = ProblemType.PAYLOAD_TOO_LARGE;
            String body = json.writeValueAsString(ProblemMapper.problem(type, type.title()));
            context.response()
                    .setStatusCode(type.status())
                    .putHeader(HttpHeaders.CONTENT_TYPE, ProblemMapper.PROBLEM_JSON)
                    .putHeader(HttpHeaders.CACHE_CONTROL, "no-store")
                    .putHeader(HttpHeaders.CONNECTION, "close")
                    .end(body);
        } catch (JsonProcessingException e) {
            context.next();
        }
    }
}
