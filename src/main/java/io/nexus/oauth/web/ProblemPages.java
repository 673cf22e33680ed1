package io.nexus.oauth.web;

import io.nexus.oauth.access.PageCookies;
import io.nexus.oauth.access.PageSessions;
import io.nexus.oauth.access.caller.AmbiguousTenant;
import io.nexus.oauth.api.Problem;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.stream.Collectors;
import org.jboss.resteasy.reactive.server.ServerResponseFilter;

/**
 * Shows problem details (RFC 9457) as pages, for requests below {@code /ui}. A caller who is not signed in is redirected to the
 * sign-in page.
 */
@ApplicationScoped
class ProblemPages {

    private static final String SIGN_IN = "/ui/sign-in";

    private final PageSessions sessions;
    private final PageCookies cookies;

    ProblemPages(PageSessions sessions, PageCookies cookies) {
        this.sessions = sessions;
        this.cookies = cookies;
    }

    @ServerResponseFilter
    void show(
            ContainerRequestContext request,
            ContainerResponseContext response,
            RoutingContext context,
            HttpServerRequest http) {
        if (PageSessions.isPage(context.normalizedPath()) && response.getEntity() instanceof Problem problem) {
            response.getHeaders().remove(HttpHeaders.WWW_AUTHENTICATE);
            if (problem.status() == 401) {
                toSignIn(request, response, http);
            } else if (AmbiguousTenant.CODE.equals(problem.code())) {
                answer(
                        response,
                        PageResponses.to("/ui/tenant?next=" + ReturnPath.page(http))
                                .entity("")
                                .build());
            } else {
                answer(response, PageResponses.of(problem.status(), page(problem, http)));
            }
        }
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
        String faults = problem.errors() == null
                ? ""
                : problem.errors().stream()
                        .map(error -> error.pointer().replace("/", " ").strip() + " " + error.detail())
                        .collect(Collectors.joining("; "));
        return Templates.problem(problem.title(), faults.isEmpty() ? problem.detail() : faults, "/ui", token);
    }

    /** The templates, checked at build time. */
    @CheckedTemplate(basePath = "ui")
    static class Templates {
        private Templates() {}

        static native TemplateInstance problem(String title, String detail, String home, String token);
    }
}
