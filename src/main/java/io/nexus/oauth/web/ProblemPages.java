package io.nexus.oauth.web;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.PageCookies;
import io.nexus.oauth.access.PageSessions;
import io.nexus.oauth.access.caller.AmbiguousTenant;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.api.Problem;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.lang.reflect.Method;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;
import org.jspecify.annotations.Nullable;

/**
 * Shows problem details (RFC 9457) as pages, for requests below {@code /ui}. They keep the frame of the other pages, unless the
 * service does not know the caller and its tenant. A caller who is not signed in is redirected to the sign-in page.
 */
@ApplicationScoped
class ProblemPages {

    private static final String SIGN_IN = "/ui/sign-in";

    private final PageSessions sessions;
    private final PageCookies cookies;
    private final PageLayouts layouts;
    private final CurrentCaller caller;

    ProblemPages(PageSessions sessions, PageCookies cookies, PageLayouts layouts, CurrentCaller caller) {
        this.sessions = sessions;
        this.cookies = cookies;
        this.layouts = layouts;
        this.caller = caller;
    }

    @ServerResponseFilter
    Uni<Void> show(
            ContainerRequestContext request,
            ContainerResponseContext response,
            ResourceInfo resource,
            RoutingContext context,
            HttpServerRequest http) {
        if (!PageSessions.isPage(context.normalizedPath()) || !(response.getEntity() instanceof Problem problem)) {
            return Uni.createFrom().voidItem();
        }
        response.getHeaders().remove(HttpHeaders.WWW_AUTHENTICATE);
        if (problem.status() == 401) {
            toSignIn(request, response, http);
            return Uni.createFrom().voidItem();
        }
        if (AmbiguousTenant.CODE.equals(problem.code())) {
            answer(
                    response,
                    PageResponses.to("/ui/tenant?next=" + ReturnPath.page(http))
                            .entity("")
                            .build());
            return Uni.createFrom().voidItem();
        }
        return caller.find()
                .map(who -> who.filter(Caller::hasTenant)
                        .map(known -> DeadEnd.of(problem, layouts.of(http, known), needed(resource)))
                        .map(Templates::deadEnd)
                        .orElseGet(() -> page(problem, http)))
                .invoke(page -> answer(response, PageResponses.of(problem.status(), page)))
                .replaceWithVoid();
    }

    /** The roles of which the operation needs one. */
    private static List<String> needed(@Nullable ResourceInfo resource) {
        Method operation = resource == null ? null : resource.getResourceMethod();
        if (resource == null || operation == null) {
            return List.of();
        }
        RolesAllowed roles = operation.getAnnotation(RolesAllowed.class);
        RolesAllowed all = roles == null ? resource.getResourceClass().getAnnotation(RolesAllowed.class) : roles;
        return all == null ? List.of() : List.of(all.value());
    }

    /** Redirects to the sign-in page. A request of the script gets {@code HX-Redirect}, which loads the whole page. */
    private static void toSignIn(
            ContainerRequestContext request, ContainerResponseContext response, HttpServerRequest http) {
        boolean byScript = request.getHeaderString("HX-Request") != null;
        String next = request.getMethod().equals("GET") && !byScript
                ? SIGN_IN + "?next=" + URLEncoder.encode(ReturnPath.here(http), StandardCharsets.UTF_8)
                : SIGN_IN;
        Response answer = PageResponses.builder(byScript ? 401 : 303)
                .entity("")
                .header(byScript ? "HX-Redirect" : HttpHeaders.LOCATION, next)
                .build();
        answer(response, answer);
    }

    private static void answer(ContainerResponseContext response, Response answer) {
        response.setStatus(answer.getStatus());
        answer.getHeaders().forEach((name, values) -> response.getHeaders().put(name, new ArrayList<>(values)));
        response.setEntity(answer.getEntity(), null, MediaType.TEXT_HTML_TYPE.withCharset("utf-8"));
    }

    private TemplateInstance page(Problem problem, HttpServerRequest http) {
        String token = cookies.session(http).map(sessions::formToken).orElse("");
        return Templates.problem(problem.title(), detail(problem), "/ui", token);
    }

    private static String detail(Problem problem) {
        String faults = problem.errors() == null
                ? ""
                : problem.errors().stream()
                        .map(error -> error.pointer().replace("/", " ").strip() + " " + error.detail())
                        .collect(Collectors.joining("; "));
        return faults.isEmpty() ? problem.detail() : faults;
    }

    /**
     * A page that a signed-in caller cannot see, in the frame of the other pages.
     *
     * @param layout the layout
     * @param title what is missing, or the problem type in words
     * @param detail what happened
     * @param missing the roles of which the caller has none and needs one; empty when a role would not help
     */
    public record DeadEnd(PageLayout layout, String title, String detail, List<String> missing) {

        static DeadEnd of(Problem problem, PageLayout layout, List<String> needed) {
            boolean lacksRole = problem.status() == 403 && needed.stream().noneMatch(layout::may);
            return lacksRole
                    ? new DeadEnd(layout, "You need another role", sentence(problem), needed)
                    : new DeadEnd(layout, problem.title(), sentence(problem), List.of());
        }

        private static String sentence(Problem problem) {
            if (problem.status() == 404) {
                return "The address is wrong, or what it names does not exist in this tenant.";
            }
            String text = ProblemPages.detail(problem);
            return text.isEmpty() || problem.errors() != null
                    ? text
                    : text.substring(0, 1).toUpperCase(Locale.ROOT) + text.substring(1) + ".";
        }

        /** The menu item under which the page is, when the caller can see it. */
        public PageLayout.@Nullable MenuItem section() {
            return layout.menu().stream()
                    .filter(item -> !item.path().equals("/ui") && layout.isAt(item.path()))
                    .findFirst()
                    .orElse(null);
        }
    }

    /** The templates, checked at build time. */
    @CheckedTemplate(basePath = "ui")
    static class Templates {
        private Templates() {}

        static native TemplateInstance problem(String title, String detail, String home, String token);

        static native TemplateInstance deadEnd(DeadEnd end);
    }
}
