package io.nexus.oauth.web;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.PageCookies;
import io.nexus.oauth.access.PageSessions;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.credential.CredentialException;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes the {@link PageLayout} of a page, and judges where a form comes from and where it leads. */
@ApplicationScoped
class PageLayouts {

    /** What was done, by the code in the address: nothing that came in a URL is shown. */
    private static final Map<String, String> NOTICES = Map.ofEntries(
            Map.entry("refreshed", "The token was refreshed."),
            Map.entry(
                    "not-refreshed",
                    "It could not be refreshed now. The present token still works, and the service tries again by itself."),
            Map.entry("too-soon", "Its token is new: it was refreshed just now. Try again in half a minute."),
            Map.entry("reconnect", "The provider ended the grant: have the account connected again."),
            Map.entry(
                    "provider-away",
                    "No valid token is left, and the provider cannot be used now. Try again in a moment."),
            Map.entry("misconfigured", "The provider refuses this service. Look at the OAuth client."),
            Map.entry("test-valid", "The provider says that the token works."),
            Map.entry(
                    "test-invalid", "The provider refuses the token. Refresh it, or have the account connected again."),
            Map.entry("test-unsupported", "A valid token is at hand. This provider has no way to ask about it."),
            Map.entry("test-unknown", "A valid token is at hand. The provider gave no clear answer about it."),
            Map.entry("revoked", "It is revoked, here and at the provider."),
            Map.entry("revoked-here", "It is revoked here. This provider has no way to revoke a grant by request."),
            Map.entry(
                    "revoked-pending", "It is revoked here. The provider is asked again until its answer is definite."),
            Map.entry("client-saved", "The client is stored."),
            Map.entry("client-deleted", "The client is deleted."),
            Map.entry("rotating", "The rotation was asked for."),
            Map.entry("signed-out", "You are signed out."));

    private final CurrentCaller caller;
    private final PageSessions sessions;
    private final PageCookies cookies;
    private final Clock clock;

    PageLayouts(CurrentCaller caller, PageSessions sessions, PageCookies cookies, Clock clock) {
        this.caller = caller;
        this.sessions = sessions;
        this.cookies = cookies;
        this.clock = clock;
    }

    /** The frame of the page that {@code request} asks for. */
    PageLayout of(HttpServerRequest request) {
        Caller who = caller.get();
        return new PageLayout(
                who.name(),
                who.tenant().value(),
                request.getParam("tenant") != null,
                who.actsForSeveral(),
                who.roles().stream().map(Role::label).collect(Collectors.toSet()),
                who.hasEverywhere(Role.ADMIN),
                cookies.session(request).map(sessions::formToken).orElse(""),
                ReturnPath.here(request),
                notice(request.getParam("done")),
                clock.instant());
    }

    /** What a code says, or null. */
    static @Nullable String notice(@Nullable String code) {
        return code == null ? null : NOTICES.get(code);
    }

    /**
     * The form in {@code body}. Throws {@link CredentialException.BeyondReach} when it is not from a page of this browser's session:
     * another site can make a browser send a form, but not the token in it.
     */
    PostedForm form(HttpServerRequest request, @Nullable String body) {
        PostedForm form = PostedForm.parse(body);
        if (isFromElsewhere(request) || !sessions.isFormToken(cookies.session(request), form.given(PostedForm.TOKEN))) {
            throw new CredentialException.BeyondReach(
                    "the form is not from a page that was open in this session: open the page again");
        }
        return form;
    }

    /** To the page that the form came from, or {@code otherwise}, with a code that says what was done. */
    Response done(HttpServerRequest request, PostedForm form, String otherwise, String code) {
        return PageResponses.to(ReturnPath.with(
                        ReturnPath.to(form.given("back"), of(request).to(otherwise)), code))
                .build();
    }

    /** A browser tells where a request comes from (Fetch Metadata). */
    static boolean isFromElsewhere(HttpServerRequest request) {
        String site = request.getHeader("Sec-Fetch-Site");
        return site != null && !site.equals("same-origin");
    }
}
