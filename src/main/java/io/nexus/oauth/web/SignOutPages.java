package io.nexus.oauth.web;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.PageCookies;
import io.nexus.oauth.access.PageSessions;
import io.nexus.oauth.access.issuer.PageSignIn;
import io.nexus.oauth.connect.PublicUrl;
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
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** Sign-out, here and at the identity provider, and the change to another account. */
@Path("/ui")
@Cancellable(false)
class SignOutPages {

    private final SignInPages signIn;
    private final PageSessions sessions;
    private final PageCookies cookies;
    private final PageLayouts layouts;
    private final CurrentCaller caller;
    private final PageSignIn entries;
    private final PublicUrl url;

    SignOutPages(
            SignInPages signIn,
            PageSessions sessions,
            PageCookies cookies,
            PageLayouts layouts,
            CurrentCaller caller,
            PageSignIn entries,
            PublicUrl url) {
        this.signIn = signIn;
        this.sessions = sessions;
        this.cookies = cookies;
        this.layouts = layouts;
        this.caller = caller;
        this.entries = entries;
        this.url = url;
    }

    /**
     * Ends the session, even if the caller has no permissions any more. For another account the browser goes on to the sign-in.
     * Otherwise it goes to the issuer, if the settings want to end the session there, too.
     */
    @POST
    @Path("/sign-out")
    @Authenticated
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Uni<Response> signOut(@Nullable String body, @Context HttpServerRequest request) {
        PostedForm form = layouts.form(request, body);
        boolean another = form.isChecked("another");
        String next = ReturnPath.to(form.given("next"), "/ui");
        return sessions.close(request, caller.get())
                .chain(issuer -> another
                        ? Uni.createFrom().item(toAnotherAccount(issuer, next))
                        : issuer.map(at -> leave(at, request))
                                .orElseGet(() -> Uni.createFrom().item(toSignIn("?done=signed-out"))))
                .map(answer -> Response.fromResponse(answer)
                        .header(HttpHeaders.SET_COOKIE, cookies.clearSession(request))
                        .build());
    }

    private static Response toAnotherAccount(Optional<PageSignIn.Choice> issuer, String next) {
        return issuer.map(at -> onward("Use another account", at, IssuerSignInPages.otherAccount(at.name(), next)))
                .orElseGet(() -> toSignIn("?next=" + ReturnPath.encoded(next)));
    }

    private static Response toSignIn(String query) {
        return PageResponses.to("/ui/sign-in" + query).build();
    }

    /**
     * The page to which the issuer redirects after it ended its session. Only the browser that began the sign-out is told so, at an
     * address that can be loaded again. Any other browser keeps its cookie, because a sign-in may be under way in it.
     */
    @GET
    @Path("/signed-out/{issuer}")
    @PermitAll
    public Response signedOut(
            @PathParam("issuer") String issuer,
            @QueryParam("state") @Nullable String state,
            @Context HttpServerRequest request) {
        boolean ended = entries.endedSession(issuer, cookies.redirect(request), state);
        return ended
                ? Response.fromResponse(toSignIn("?done=signed-out-everywhere"))
                        .header(HttpHeaders.SET_COOKIE, cookies.clearRedirect(request))
                        .build()
                : signIn.form(200, "/ui", "", null, true, request);
    }

    private Uni<Response> leave(PageSignIn.Choice issuer, HttpServerRequest request) {
        Secret cookie = sessions.browser();
        String back = url.base() + "/ui/signed-out/" + ReturnPath.encoded(issuer.name());
        return entries.endSession(issuer.name(), cookie, back)
                .map(there -> there.map(
                                uri -> Response.fromResponse(onward("You are signed out here", issuer, uri.toString()))
                                        .header(HttpHeaders.SET_COOKIE, cookies.writeRedirect(request, cookie))
                                        .build())
                        .orElseGet(() -> toSignIn("?done=signed-out-here")));
    }

    /**
     * A page that leads the browser to {@code there}. No redirect: the content security policy lets a form lead to this service only,
     * also by redirects.
     */
    private static Response onward(String title, PageSignIn.Choice issuer, String there) {
        return PageResponses.of(Templates.onward(title, issuer.label(), there));
    }

    /** The templates, checked at build time. */
    @CheckedTemplate(basePath = "ui")
    static class Templates {
        private Templates() {}

        static native TemplateInstance onward(String title, String issuer, String there);
    }
}
