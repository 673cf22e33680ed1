package io.nexus.oauth.web;

import io.nexus.oauth.access.PageCookies;
import io.nexus.oauth.access.PageSessions;
import io.nexus.oauth.access.caller.Identity;
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
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** Sign-in through an identity provider: the redirect to it and the way back. */
@Path("/ui")
@Cancellable(false)
class IssuerSignInPages {

    private final PageSignIn signIn;
    private final PageSessions sessions;
    private final PageCookies cookies;
    private final SignInLimit limit;
    private final PublicUrl url;

    IssuerSignInPages(PageSignIn signIn, PageSessions sessions, PageCookies cookies, SignInLimit limit, PublicUrl url) {
        this.signIn = signIn;
        this.sessions = sessions;
        this.cookies = cookies;
        this.limit = limit;
        this.url = url;
    }

    /** Redirects to {@code issuer}, which lets the person choose if {@code account} is {@code other}. A GET, not a form: the content security policy allows forms only to this service. */
    @GET
    @Path("/sign-in/{issuer}")
    @PermitAll
    public Uni<Response> begin(
            @PathParam("issuer") String issuer,
            @QueryParam("next") @Nullable String next,
            @QueryParam("account") @Nullable String account,
            @Context HttpServerRequest request) {
        if (!limit.admits(request)) {
            return Uni.createFrom().item(SignInPages.tooMany());
        }
        Secret cookie = cookies.redirect(request).orElseGet(sessions::browser);
        return signIn.begin(issuer, cookie, ReturnPath.to(next, "/ui"), redirectUri(issuer), "other".equals(account))
                .map(found -> found.orElseThrow(CredentialException.NotFound::new))
                .map(there -> Response.seeOther(there)
                        .header(HttpHeaders.SET_COOKIE, cookies.writeRedirect(request, cookie))
                        .header(HttpHeaders.CACHE_CONTROL, "no-store")
                        .header("Referrer-Policy", "no-referrer")
                        .build());
    }

    /**
     * Completes the sign-in. Answers with a page, not a redirect: browsers do not send the new SameSite=Strict cookie along a
     * redirect chain that another site started.
     */
    @GET
    @Path("/signed-in/{issuer}")
    @PermitAll
    public Uni<Response> finish(
            @PathParam("issuer") String issuer,
            @QueryParam("state") @Nullable String state,
            @QueryParam("code") @Nullable String code,
            @QueryParam("iss") @Nullable String iss,
            @QueryParam("error") @Nullable String error,
            @Context HttpServerRequest request) {
        if (!limit.admits(request)) {
            return Uni.createFrom().item(SignInPages.tooMany());
        }
        Answer given = new Answer(state, code, iss, error);
        return signIn.finish(issuer, cookies.redirect(request), given, redirectUri(issuer))
                .chain(outcome -> answer(issuer, outcome, request))
                .map(answer -> Response.fromResponse(answer)
                        .header(HttpHeaders.SET_COOKIE, cookies.clearRedirect(request))
                        .build());
    }

    private Uni<Response> answer(String issuer, Outcome outcome, HttpServerRequest request) {
        return switch (outcome) {
            case Outcome.SignedIn known ->
                sessions.open(known.person(), request)
                        .map(cookie -> PageResponses.builder(200)
                                .header(HttpHeaders.SET_COOKIE, cookies.writeSession(request, cookie))
                                .entity(PageResponses.render(Templates.signedIn(ReturnPath.to(known.next(), "/ui"))))
                                .build());
            case Outcome.NoPermission nothing ->
                Uni.createFrom()
                        .item(PageResponses.of(
                                403, Templates.noRole(nothing.person(), otherAccount(issuer, nothing.next()))));
            case Outcome.Rejected denied ->
                refused(
                        "You are not signed in",
                        "The identity provider did not sign you in, or its answer is not valid.");
            case Outcome.NotStartedHere foreign ->
                refused(
                        "This sign-in is not valid",
                        "It was started in another browser or too long ago, or it was already completed. Sign in again.");
        };
    }

    private static Uni<Response> refused(String title, String detail) {
        return Uni.createFrom()
                .item(PageResponses.of(403, ProblemPages.Templates.problem(title, detail, "/ui/sign-in", "")));
    }

    /** The address at which a person signs in with another account of {@code issuer}. */
    static String otherAccount(String issuer, String next) {
        return "/ui/sign-in/" + ReturnPath.encoded(issuer) + "?account=other&next="
                + ReturnPath.encoded(ReturnPath.to(next, "/ui"));
    }

    private String redirectUri(String issuer) {
        return url.base() + "/ui/signed-in/" + ReturnPath.encoded(issuer);
    }

    /** The templates, checked at build time. */
    @CheckedTemplate(basePath = "ui")
    static class Templates {
        private Templates() {}

        static native TemplateInstance signedIn(String next);

        static native TemplateInstance noRole(Identity person, String other);
    }
}
