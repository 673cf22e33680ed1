package io.nexus.oauth.rest;

import io.nexus.oauth.api.Problem;
import io.nexus.oauth.credential.TenantId;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.container.ResourceInfo;
import java.lang.reflect.Method;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/**
 * Rejects API requests with a query parameter that the operation does not have: a misspelled filter would select everything. Rejects
 * a repeated parameter too, because the operation would read only one of them.
 */
@ApplicationScoped
class UnknownQueryFilter {

    /** A caller of several tenants names one of them in each request. */
    private static final String OF_EACH = "tenant";

    /** Grows with the operations, which are fixed. */
    private final Map<Method, Set<String>> known = new ConcurrentHashMap<>();

    @ServerRequestFilter
    void check(ResourceInfo resource, RoutingContext context) {
        String query = context.request().query();
        if (query == null || query.isEmpty() || !context.normalizedPath().startsWith("/api/")) {
            return;
        }
        Set<String> names = known.computeIfAbsent(resource.getResourceMethod(), UnknownQueryFilter::parametersOf);
        List<Problem.Error> errors = context.queryParams().names().stream()
                .flatMap(name -> fault(name, names, context.queryParams().getAll(name)))
                .toList();
        if (!errors.isEmpty()) {
            throw new InvalidRequest(errors);
        }
    }

    private static Stream<Problem.Error> fault(String name, Set<String> names, List<String> values) {
        if (!names.contains(name)) {
            return Stream.of(new Problem.Error(
                    JsonFaults.shown(name),
                    "is not a parameter of the operation. It has: " + String.join(", ", names)));
        }
        if (values.size() > 1) {
            return Stream.of(new Problem.Error(name, "must be given once only"));
        }
        // also where the operation does not read it: nobody shall think that it counted
        return name.equals(OF_EACH)
                ? TenantId.fault(values.getFirst()).map(fault -> new Problem.Error(OF_EACH, fault)).stream()
                : Stream.empty();
    }

    private static Set<String> parametersOf(Method operation) {
        return Stream.concat(Stream.of(OF_EACH), declared(operation)).collect(Collectors.toCollection(TreeSet::new));
    }

    private static Stream<String> declared(Method operation) {
        return Stream.of(operation.getParameters())
                .flatMap(parameter -> parameter.isAnnotationPresent(BeanParam.class)
                        ? Stream.of(parameter.getType().getFields())
                        : Stream.of(parameter))
                .map(element -> element.getAnnotation(QueryParam.class))
                .filter(Objects::nonNull)
                .map(QueryParam::value);
    }
}
