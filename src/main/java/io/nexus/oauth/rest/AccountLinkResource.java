package io.nexus.oauth.rest;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.AccountLinkRequest;
import io.nexus.oauth.api.AccountLinkView;
import io.nexus.oauth.audit.AuditRecorder;
import io.nexus.oauth.connect.ConnectedAccounts;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialException;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** Creates links with which a person sees and ends the own connections. */
@Path("/api/v1/account-links")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Cancellable(false)
class AccountLinkResource {

    private final ConnectedAccounts accounts;
    private final AuditRecorder audit;
    private final CurrentCaller caller;

    AccountLinkResource(ConnectedAccounts accounts, AuditRecorder audit, CurrentCaller caller) {
        this.accounts = accounts;
        this.audit = audit;
        this.caller = caller;
    }

    /** A caller whose role is limited cannot make a link, because the page shows all providers of the user. */
    @POST
    @RolesAllowed(Role.Names.CONNECTOR)
    public Uni<Response> create(@Nullable AccountLinkRequest request) {
        if (request == null) {
            throw InvalidRequest.of("", "a JSON object is required");
        }
        Caller who = caller.get();
        InputErrors errors = new InputErrors();
        String user = user(errors, who, request.user());
        Long seconds = request.expiresIn();
        errors.refuse(
                seconds != null
                        && (seconds < AccountLinkRequest.MIN_EXPIRES_IN || seconds > AccountLinkRequest.MAX_EXPIRES_IN),
                "/expires_in",
                "must be " + AccountLinkRequest.MIN_EXPIRES_IN + " to " + AccountLinkRequest.MAX_EXPIRES_IN
                        + " seconds");
        String back = request.returnUrl();
        errors.refuse(
                back != null && back.length() > ConnectedAccounts.MAX_RETURN_URL,
                "/return_url",
                "must have " + ConnectedAccounts.MAX_RETURN_URL + " characters at most");
        errors.check();
        if (!who.limits(Role.CONNECTOR).isAll()) {
            throw new CredentialException.Forbidden(InputErrors.OUTSIDE_ACCESS_LIMITS);
        }
        Duration lifetime = seconds == null ? ConnectedAccounts.DEFAULT_LINK : Duration.ofSeconds(seconds);
        ConnectedAccounts.AccountLink link = accounts.link(who.tenant(), user, lifetime, back);
        return audit.recordAccountLink(who.name(), who.tenant(), user)
                .replaceWith(() -> Response.status(201)
                        .header(HttpHeaders.CACHE_CONTROL, "no-store")
                        .entity(new AccountLinkView(link.url(), link.expiresAt()))
                        .build());
    }

    /** The user as credentials hold it. The rules are those of an account at any provider. */
    private static String user(InputErrors errors, Caller who, @Nullable String text) {
        String user = errors.required("/user", text);
        return user.isEmpty()
                ? ""
                : errors.converted(
                                "/user",
                                Optional.<AccountKey>empty(),
                                () -> Optional.of(new AccountKey(who.tenant(), "any", user)))
                        .map(AccountKey::user)
                        .orElse("");
    }
}
