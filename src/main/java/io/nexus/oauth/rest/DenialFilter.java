package io.nexus.oauth.rest;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.audit.AuditRecorder;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.PermitAll;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ResourceInfo;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;
import org.jspecify.annotations.Nullable;

/** Records denied requests (403) of known callers in the audit trail, and denied parts of a request. */
@ApplicationScoped
public class DenialFilter {

    private final AuditRecorder recorder;
    private final CurrentCaller caller;

    DenialFilter(AuditRecorder recorder, CurrentCaller caller) {
        this.recorder = recorder;
        this.caller = caller;
    }

    @ServerResponseFilter
    void record(
            ContainerRequestContext request,
            ContainerResponseContext response,
            ResourceInfo resource,
            HttpServerRequest http) {
        if (response.getStatus() == 403 && !isOpen(resource)) {
            record(request.getMethod() + " " + template(resource), http);
        }
    }

    /** Records a denial at {@code route}, a method and the template of a path. */
    public void record(String route, HttpServerRequest http) {
        Caller who = caller.get();
        recorder.recordDenied(
                who.name(),
                who.auditTenant(),
                route,
                http.remoteAddress() == null ? null : http.remoteAddress().hostAddress());
    }

    /** Whether the resource needs no caller, so that there is nobody to record. */
    private static boolean isOpen(ResourceInfo resource) {
        return resource.getResourceMethod() != null
                && (resource.getResourceMethod().isAnnotationPresent(PermitAll.class)
                        || resource.getResourceClass().isAnnotationPresent(PermitAll.class));
    }

    private static String template(ResourceInfo resource) {
        return path(resource.getResourceClass().getAnnotation(Path.class))
                + path(resource.getResourceMethod().getAnnotation(Path.class));
    }

    private static String path(@Nullable Path path) {
        return Optional.ofNullable(path).map(Path::value).orElse("");
    }
}
