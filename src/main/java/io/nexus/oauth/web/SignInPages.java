package io.nexus.oauth.web;

import io.nexus.oauth.access.PageCookies;
import io.nexus.oauth.access.PageSessions;
import io.nexus.oauth.access.issuer.PageSignIn;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.web.connect.AddressLimit;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** Sign-in with an API key. The service starts a session for the browser and does not store the key. */
@Path("/ui")
@Cancellable(false)
class SignInPages {

    private static final int MAX_KEY_LENGTH = 512;

    private final PageSessions sessions;
    private final PageCookies cookies;
    private final SignInLimit limit;
    private final PageSignIn entries;
    private final String keyFile;

    SignInPages(
            PageSessions sessions,
            PageCookies cookies,
            SignInLimit limit,
            PageSignIn entries,
            @ConfigProperty(name = "nexus.oauth.mode", defaultValue = "production") String mode,
            @ConfigProperty(name = "nexus.oauth.home") String home) {
        this.sessions = sessions;
        this.cookies = cookies;
        this.limit = limit;
        this.entries = entries;
        this.keyFile = mode.equals("local") ? home + "/api-key" : "";
    }

    /** Shows the sign-in form. */
    @GET
    @Path("/sign-in")
    @PermitAll
    public Response ask(
            @QueryParam("next") @Nullable String next,
            @QueryParam("done") @Nullable String done,
            @Context HttpServerRequest request) {
        return form(200, ReturnPath.to(next, "/ui"), "", PageLayouts.notice(done), isElsewhere(request), request);
    }

    /** Signs in. The answer does not say why a key was rejected. */
    @POST
    @Path("/sign-in")
    @PermitAll
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Uni<Response> signIn(@Nullable String body, @Context HttpServerRequest request) {
        if (!limit.admits(request)) {
            return Uni.createFrom().item(tooMany());
        }
        PostedForm form = PostedForm.parse(body);
        if (PageLayouts.isCrossSite(request)
                || !sessions.isFormToken(cookies.signIn(request), form.given(PostedForm.TOKEN))) {
            throw new CredentialException.Forbidden("the form is not from this browser: open the page again");
        }
        String key = form.text("key");
        String next = ReturnPath.to(form.given("next"), "/ui");
        Uni<Optional<Secret>> session = key.isEmpty() || key.length() > MAX_KEY_LENGTH
                ? Uni.createFrom().item(Optional.empty())
                : sessions.open(key, request);
        return session.map(found -> found.map(cookie -> in(request, cookie, next))
                .orElseGet(() -> form(
                        401,
                        next,
                        "This key is not valid. It may be mistyped, expired or revoked.",
                        null,
                        isElsewhere(request),
                        request)));
    }

    /** Whether another site led here: then the browser did not send the cookie of a session. */
    private static boolean isElsewhere(HttpServerRequest request) {
        return "cross-site".equals(request.getHeader("Sec-Fetch-Site"));
    }

    /**
     * The sign-in form.
     *
     * @param elsewhere whether to offer a way for people who are signed in
     */
    Response form(
            int status,
            String next,
            String fault,
            PageLayouts.@Nullable Notice notice,
            boolean elsewhere,
            HttpServerRequest request) {
        Secret cookie = cookies.signIn(request).orElseGet(sessions::browser);
        return PageResponses.builder(status)
                .header(HttpHeaders.SET_COOKIE, cookies.writeSignIn(request, cookie))
                .entity(PageResponses.render(Templates.signIn(
                        new SignInForm(next, ReturnPath.encoded(next), elsewhere, entries.choices(), keyFile),
                        sessions.formToken(cookie),
                        fault,
                        notice)))
                .build();
    }

    private Response in(HttpServerRequest request, Secret cookie, String next) {
        return PageResponses.to(next)
                .header(HttpHeaders.SET_COOKIE, cookies.writeSession(request, cookie))
                .build();
    }

    static Response tooMany() {
        return Response.fromResponse(PageResponses.of(
                        429,
                        ProblemPages.Templates.problem(
                                "Too many requests",
                                "There were too many sign-in attempts from your network. Try again in a minute.",
                                "/ui/sign-in",
                                "")))
                .header(HttpHeaders.RETRY_AFTER, AddressLimit.WINDOW.toSeconds())
                .build();
    }

    /**
     * The context of the sign-in form.
     *
     * @param next the page to open after the sign-in
     * @param encoded {@code next}, encoded for a query
     * @param elsewhere whether the browser came from another site, so that it did not send its session cookie
     * @param choices the identity providers
     * @param keyFile the file with the first API key in local mode, or empty
     */
    public record SignInForm(
            String next, String encoded, boolean elsewhere, List<PageSignIn.Choice> choices, String keyFile) {}

    /** The templates, checked at build time. */
    @CheckedTemplate(basePath = "ui")
    static class Templates {
        private Templates() {}

        static native TemplateInstance signIn(
                SignInForm form, String token, String fault, PageLayouts.@Nullable Notice notice);
    }
}
