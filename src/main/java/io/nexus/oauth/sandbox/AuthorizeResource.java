package io.nexus.oauth.sandbox;

import io.nexus.oauth.credential.Identifiers;
import io.smallrye.common.annotation.Blocking;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.CookieParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.NewCookie;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.net.URI;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The authorization endpoint (RFC 6749 section 3.1): shows the consent page and redirects the answer to the client. */
@Path("/sandbox/authorize")
@Sandboxed
@PermitAll
@Blocking
class AuthorizeResource {

    private static final String COOKIE = "nexus_sandbox";

    private final SandboxState sandbox;
    private final SandboxClient client;
    private final SandboxPages pages;

    AuthorizeResource(SandboxState sandbox, SandboxClient client, SandboxPages pages) {
        this.sandbox = sandbox;
        this.client = client;
        this.pages = pages;
    }

    @GET
    public Response ask(@Context UriInfo uri, @CookieParam(COOKIE) @Nullable String cookie) {
        Parameters query = new Parameters(uri.getQueryParameters());
        URI redirect;
        try {
            redirect = trusted(query);
        } catch (OAuthError e) {
            return pages.error(e.description()); // never redirect to an address that was not checked
        }
        try {
            PendingConsent consent = checked(query, redirect, cookie == null ? TokenFactory.random() : cookie);
            return page(consent, query.find("login_hint").orElse("alice@example.com"));
        } catch (OAuthError e) {
            String state = query.map().getFirst("state");
            return Response.seeOther(PendingConsent.failed(redirect, e, state, client.issuer()))
                    .build();
        }
    }

    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response answer(MultivaluedMap<String, String> body, @CookieParam(COOKIE) @Nullable String cookie) {
        try {
            Parameters form = new Parameters(body);
            PendingConsent consent = asked(form, cookie)
                    .orElseThrow(() -> OAuthError.invalidRequest(
                            "this page was already answered, has expired or was opened in another browser"));
            return Response.seeOther(decided(form, consent)).build();
        } catch (OAuthError e) {
            return pages.error(e.description());
        } catch (IllegalArgumentException e) {
            return pages.error(String.valueOf(e.getMessage()));
        }
    }

    private URI trusted(Parameters query) {
        if (!client.is(query.get("client_id"))) {
            throw OAuthError.invalidRequest("client_id is not the sandbox's client");
        }
        return client.redirect(query.get("redirect_uri"))
                .orElseThrow(() -> OAuthError.invalidRequest("redirect_uri is not registered"));
    }

    private static PendingConsent checked(Parameters query, URI redirect, String browser) {
        if (!query.get("response_type").equals("code")) {
            throw OAuthError.of("unsupported_response_type", "only code is supported");
        }
        String challenge = query.get("code_challenge");
        if (!query.get("code_challenge_method").equals("S256") || !challenge.matches("[A-Za-z0-9_-]{43}")) {
            throw OAuthError.invalidRequest("PKCE with S256 is required");
        }
        String scope = SandboxScopes.granted(query.find("scope").orElse(null));
        return new PendingConsent(
                redirect, scope, challenge, query.find("state").orElse(null), browser);
    }

    private Response page(PendingConsent consent, String account) {
        NewCookie cookie = new NewCookie.Builder(COOKIE)
                .value(consent.browser())
                .path("/sandbox")
                .httpOnly(true)
                .sameSite(NewCookie.SameSite.LAX) // sent when another site links here, not when it posts
                .build();
        return Response.fromResponse(
                        pages.consent(sandbox.consents().put(consent), consent, account, sandbox.lifetime()))
                .cookie(cookie)
                .build();
    }

    /** The id in the form is random, valid once, and only with the cookie of the same page. */
    private Optional<PendingConsent> asked(Parameters form, @Nullable String cookie) {
        return sandbox.consents()
                .take(form.get("request"))
                .filter(c -> cookie != null && TokenFactory.same(c.browser(), cookie));
    }

    private URI decided(Parameters form, PendingConsent consent) {
        if (!form.get("decision").equals("allow")) {
            return consent.denied(client.issuer());
        }
        String account = Identifiers.check("account", form.get("account"), 254);
        GrantBehavior behavior = GrantBehavior.of(form, sandbox.now());
        String code = sandbox.codes().issue(new AuthorizationCodes.Code(consent, account, behavior));
        return consent.allowed(code, client.issuer());
    }
}
