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

/** Creates the {@link PageLayout} of a page, verifies posted forms and redirects after them. */
@ApplicationScoped
class PageLayouts {

    /** The notices by their codes. The address holds only a code, so no text from a URL is shown. */
    private static final Map<String, Notice> NOTICES = Map.ofEntries(
            Map.entry("refreshed", done("The token was refreshed.")),
            Map.entry(
                    "not-refreshed",
                    refused("The refresh failed. The current token still works. The service retries automatically.")),
            Map.entry("none-selected", refused("Select credentials first.")),
            Map.entry("too-soon", refused("The token was refreshed a moment ago. Try again in half a minute.")),
            Map.entry(
                    "reconnect", refused("The provider revoked the grant. The user has to connect the account again.")),
            Map.entry(
                    "provider-away",
                    failed("No valid token is left, and the provider is unavailable. Try again in a moment.")),
            Map.entry("misconfigured", failed("The provider rejects this service. Check the OAuth client.")),
            Map.entry("test-valid", done("The provider accepts the token.")),
            Map.entry(
                    "test-invalid",
                    failed("The provider rejects the token. Refresh it, or let the user connect the account again.")),
            Map.entry(
                    "test-unsupported",
                    done("The service has a valid token. This provider has no endpoint to check it.")),
            Map.entry(
                    "test-unknown",
                    refused("The service has a valid token. The provider gave no clear answer about it.")),
            Map.entry("revoked", done("The credential is revoked, in the service and at the provider.")),
            Map.entry(
                    "revoked-here",
                    done("The credential is revoked in the service. The provider cannot or did not revoke it.")),
            Map.entry(
                    "revoked-pending",
                    done("The credential is revoked in the service, which keeps trying to revoke it at the provider.")),
            Map.entry("machine-connected", done("The machine connection is stored. Its token is ready.")),
            Map.entry("client-saved", done("The client is stored.")),
            Map.entry("client-key-made", done("The next key is published. It signs in 15 minutes.")),
            Map.entry("client-deleted", done("The client is deleted.")),
            Map.entry("key-revoked", done("The API key is revoked. Every replica refuses it within ten seconds.")),
            Map.entry("policy-saved", done("The policy is stored. Every replica has it within ten seconds.")),
            Map.entry("policy-deleted", done("The policy is deleted. Every replica forgets it within ten seconds.")),
            Map.entry("tenant-shredded", done("The keys of the tenant are destroyed.")),
            Map.entry("rotating", done("The rotation was requested.")),
            Map.entry("signed-out", done("You are signed out.")),
            Map.entry(
                    "signed-out-here",
                    done("You are signed out here. Your session at the identity provider may still be open.")),
            Map.entry("signed-out-everywhere", done("You are signed out, here and at the identity provider.")));

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

    /** The layout of the page that {@code request} asks for. */
    PageLayout of(HttpServerRequest request) {
        return of(request, caller.get());
    }

    /** The layout of a page for {@code who}. */
    PageLayout of(HttpServerRequest request, Caller who) {
        return new PageLayout(
                who.name(),
                who.label(),
                who.tenant().value(),
                request.getParam("tenant") != null,
                who.actsForSeveralTenants(),
                who.roles().stream().map(Role::label).collect(Collectors.toSet()),
                who.hasInEveryTenant(Role.ADMIN),
                cookies.session(request).map(sessions::formToken).orElse(""),
                ReturnPath.here(request),
                notice(request.getParam("done")),
                clock.instant());
    }

    /** The notice of {@code code}, or null. */
    static @Nullable Notice notice(@Nullable String code) {
        return code == null ? null : NOTICES.get(code);
    }

    /**
     * The form in {@code body}. Throws {@link CredentialException.Forbidden} when the form is not from this browser's session.
     * Another site can make a browser send a form, but it does not know the token in it.
     */
    PostedForm form(HttpServerRequest request, @Nullable String body) {
        PostedForm form = PostedForm.parse(body);
        if (isCrossSite(request) || !sessions.isFormToken(cookies.session(request), form.given(PostedForm.TOKEN))) {
            throw new CredentialException.Forbidden("the form is not from a page of this session: open the page again");
        }
        return form;
    }

    /** Redirects to the page of the form, or to {@code otherwise}, with the code of a notice. */
    Response done(HttpServerRequest request, PostedForm form, String otherwise, String code) {
        return PageResponses.to(ReturnPath.with(
                        ReturnPath.to(form.given("back"), of(request).to(otherwise)), code))
                .build();
    }

    /** Whether another site triggered the request (header {@code Sec-Fetch-Site} of Fetch Metadata). */
    static boolean isCrossSite(HttpServerRequest request) {
        String site = request.getHeader("Sec-Fetch-Site");
        return site != null && !site.equals("same-origin");
    }

    private static Notice done(String text) {
        return new Notice("good", text);
    }

    private static Notice refused(String text) {
        return new Notice("warn", text);
    }

    private static Notice failed(String text) {
        return new Notice("bad", text);
    }

    /**
     * The result of an action.
     *
     * @param kind its colour and symbol: {@code good} for a success, {@code warn} for a refusal, {@code bad} for a fault
     * @param text what happened
     */
    public record Notice(String kind, String text) {}
}
