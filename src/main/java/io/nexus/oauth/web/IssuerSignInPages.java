package io.nexus.oauth.web;

import io.nexus.oauth.access.PageCookies;
import io.nexus.oauth.access.PageSessions;
import io.nexus.oauth.access.issuer.PageSignIn;
import io.nexus.oauth.access.issuer.PageSignIn.Answer;
import io.nexus.oauth.access.issuer.PageSignIn.Outcome;
import io.nexus.oauth.connect.PublicUrl;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.Secret;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** The way in by an identity provider: there, and back. */
@Path("/ui")
@Cancellable(false)
class IssuerSignInPages {

    private final PageSignIn entries;
    private final PageSessions sessions;
    private final PageCookies cookies;
    private final SignInLimit limit;
    private final PublicUrl url;

    IssuerSignInPages(
            PageSignIn entries, PageSessions sessions, PageCookies cookies, SignInLimit limit, PublicUrl url) {
        this.entries = entries;
        this.sessions = sessions;
        this.cookies = cookies;
        this.limit = limit;
        this.url = url;
    }

    /** Sends the browser to {@code issuer}. A link and not a form: our policy lets no form lead elsewhere. */
    @GET
    @Path("/sign-in/{issuer}")
    @PermitAll
    @Operation(hidden = true)
    public Uni<Response> begin(
            @PathParam("issuer") String issuer,
            @QueryParam("next") @Nullable String next,
            @Context HttpServerRequest request) {
        if (!limit.admits(request)) {
            return Uni.createFrom().item(SignInPages.tooMany());
        }
        Secret cookie = cookies.entry(request).orElseGet(sessions::browser);
        return entries.begin(issuer, cookie, ReturnPath.to(next, "/ui"), redirectUri(issuer))
                .map(found -> found.orElseThrow(CredentialException.NotFound::new))
                .map(there -> Response.seeOther(there)
                        .header(HttpHeaders.SET_COOKIE, cookies.writeEntry(request, cookie))
                        .header(HttpHeaders.CACHE_CONTROL, "no-store")
                        .header("Referrer-Policy", "no-referrer")
                        .build());
    }

    /**
     * The browser comes back. It gets a page that leads on and no redirect: the cookie that it gets is not sent on a way that another
     * site began.
     */
    @GET
    @Path("/signed-in/{issuer}")
    @PermitAll
    @Operation(hidden = true)
    public Uni<Response> finish(
            @PathParam("issuer") String issuer,
            @QueryParam("state") @Nullable String state,
            @QueryParam("code") @Nullable String code,
            @QueryParam("iss") @Nullable String iss,
            @Context HttpServerRequest request) {
        if (!limit.admits(request)) {
            return Uni.createFrom().item(SignInPages.tooMany());
        }
        return entries.finish(issuer, cookies.entry(request), new Answer(state, code, iss), redirectUri(issuer))
                .chain(outcome -> answer(outcome, request))
                .map(answer -> Response.fromResponse(answer)
                        .header(HttpHeaders.SET_COOKIE, cookies.clearEntry(request))
                        .build());
    }

    private Uni<Response> answer(Outcome outcome, HttpServerRequest request) {
        return switch (outcome) {
            case Outcome.Known known ->
                sessions.open(known.who(), request)
                        .map(cookie -> PageResponses.builder(200)
                                .header(HttpHeaders.SET_COOKIE, cookies.writeSession(request, cookie))
                                .entity(PageResponses.render(Templates.signedIn(ReturnPath.to(known.next(), "/ui"))))
                                .build());
            case Outcome.Nothing nothing ->
                refused(
                        "You may do nothing here yet",
                        "Ask who runs the service to grant you something: a policy for the subject " + nothing.subject()
                                + " of the issuer " + nothing.issuer() + ".");
            case Outcome.Denied denied ->
                refused(
                        "You are not signed in",
                        "The identity provider did not sign you in, or its answer cannot be believed.");
            case Outcome.Foreign foreign ->
                refused(
                        "This sign-in does not count",
                        "It was begun in another browser or too long ago, or it was finished already. Begin again.");
        };
    }

    private static Uni<Response> refused(String title, String detail) {
        return Uni.createFrom()
                .item(PageResponses.of(403, ProblemPages.Templates.problem(title, detail, "/ui/sign-in", "")));
    }

    private String redirectUri(String issuer) {
        return url.base() + "/ui/signed-in/" + URLEncoder.encode(issuer, StandardCharsets.UTF_8);
    }

    /** The templates, checked when the project is built. */
    @CheckedTemplate(basePath = "ui")
    static class Templates {
        private Templates() {}

        static native TemplateInstance signedIn(String next);
    }
}
