package io.nexus.oauth.web;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.PageCookies;
import io.nexus.oauth.access.PageSessions;
import io.nexus.oauth.access.issuer.PageSignIn;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.Secret;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.Authenticated;
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
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** The way in by an API key, and out. A key is traded for a session of this browser and kept nowhere. */
@Path("/ui")
@Cancellable(false)
class SignInPages {

    private static final int LONGEST_KEY = 512;

    private final PageSessions sessions;
    private final PageCookies cookies;
    private final SignInLimit limit;
    private final PageLayouts layouts;
    private final CurrentCaller caller;
    private final PageSignIn entries;
    private final String keyFile;

    SignInPages(
            PageSessions sessions,
            PageCookies cookies,
            SignInLimit limit,
            PageLayouts layouts,
            CurrentCaller caller,
            PageSignIn entries,
            @ConfigProperty(name = "nexus.oauth.mode", defaultValue = "production") String mode,
            @ConfigProperty(name = "nexus.oauth.home") String home) {
        this.sessions = sessions;
        this.cookies = cookies;
        this.limit = limit;
        this.layouts = layouts;
        this.caller = caller;
        this.entries = entries;
        this.keyFile = mode.equals("local") ? home + "/api-key" : "";
    }

    /** Asks for an API key. */
    @GET
    @Path("/sign-in")
    @PermitAll
    @Operation(hidden = true)
    public Response ask(
            @QueryParam("next") @Nullable String next,
            @QueryParam("done") @Nullable String done,
            @Context HttpServerRequest request) {
        return form(200, ReturnPath.to(next, "/ui"), "", PageLayouts.notice(done), request);
    }

    /** Signs in. What is wrong with a key is not told. */
    @POST
    @Path("/sign-in")
    @PermitAll
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @Operation(hidden = true)
    public Uni<Response> signIn(@Nullable String body, @Context HttpServerRequest request) {
        if (!limit.admits(request)) {
            return Uni.createFrom().item(tooMany());
        }
        PostedForm form = PostedForm.parse(body);
        if (PageLayouts.isFromElsewhere(request)
                || !sessions.isFormToken(cookies.signIn(request), form.given(PostedForm.TOKEN))) {
            throw new CredentialException.BeyondReach("the form is not from this browser: open the page again");
        }
        String key = form.text("key");
        String next = ReturnPath.to(form.given("next"), "/ui");
        Uni<Optional<Secret>> session = key.isEmpty() || key.length() > LONGEST_KEY
                ? Uni.createFrom().item(Optional.empty())
                : sessions.open(key, request);
        return session.map(found -> found.map(cookie -> in(request, cookie, next))
                .orElseGet(() -> form(
                        401, next, "This key is not good. It may be mistyped, expired or revoked.", null, request)));
    }

    /** Ends the session, also of who may do nothing any more. */
    @POST
    @Path("/sign-out")
    @Authenticated
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @Operation(hidden = true)
    public Uni<Response> signOut(@Nullable String body, @Context HttpServerRequest request) {
        layouts.form(request, body);
        return sessions.close(request, caller.get())
                .replaceWith(() -> PageResponses.to("/ui/sign-in?done=signed-out")
                        .header(HttpHeaders.SET_COOKIE, cookies.clearSession(request))
                        .build());
    }

    private Response form(int status, String next, String fault, @Nullable String notice, HttpServerRequest request) {
        Secret cookie = cookies.signIn(request).orElseGet(sessions::browser);
        boolean elsewhere = "cross-site".equals(request.getHeader("Sec-Fetch-Site"));
        return PageResponses.builder(status)
                .header(HttpHeaders.SET_COOKIE, cookies.writeSignIn(request, cookie))
                .entity(PageResponses.render(Templates.signIn(
                        new Way(next, encoded(next), elsewhere, entries.choices(), keyFile),
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
                                "That was a bit much",
                                "Too many sign-ins were tried from your network. Try again in a minute.",
                                "/ui/sign-in",
                                "")))
                .header(HttpHeaders.RETRY_AFTER, SignInLimit.WINDOW.toSeconds())
                .build();
    }

    private static String encoded(String next) {
        return URLEncoder.encode(next, StandardCharsets.UTF_8);
    }

    /**
     * Where somebody is who signs in.
     *
     * @param next the page that was asked for
     * @param encoded the same for a query
     * @param elsewhere whether the browser came from another site, and so does not show whom it is signed in as
     * @param choices the identity providers
     * @param keyFile where local mode keeps the first key, or an empty text
     */
    public record Way(
            String next, String encoded, boolean elsewhere, List<PageSignIn.Choice> choices, String keyFile) {}

    /** The templates, checked when the project is built. */
    @CheckedTemplate(basePath = "ui")
    static class Templates {
        private Templates() {}

        static native TemplateInstance signIn(Way way, String token, String fault, @Nullable String notice);
    }
}
