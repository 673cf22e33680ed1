package io.nexus.oauth.web.connect;

import io.nexus.oauth.connect.ConnectCallback;
import io.nexus.oauth.connect.ConnectException;
import io.nexus.oauth.connect.ConnectFlow;
import io.nexus.oauth.connect.PublicUrl;
import io.nexus.oauth.credential.ConnectSession;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.provider.reply.ProviderException;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.net.URI;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The pages that a user sees while connecting an account. They need no login: the one-time link, the state (RFC 6749 section
 * 10.12) and the browser's cookie identify the flow.
 */
@Path("/")
@PermitAll
class ConnectPages {

    private static final Pattern SESSION = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
    private static final Pattern LINK = Pattern.compile("[A-Za-z0-9_-]{43}");

    private final ConnectFlow flow;
    private final ConnectCallback callback;
    private final PublicUrl publicUrl;
    private final PageRenderer pages;
    private final BrowserCookie cookie;

    ConnectPages(
            ConnectFlow flow, ConnectCallback callback, PublicUrl publicUrl, PageRenderer pages, BrowserCookie cookie) {
        this.flow = flow;
        this.callback = callback;
        this.publicUrl = publicUrl;
        this.pages = pages;
        this.cookie = cookie;
    }

    /** The start page. In local mode it shows the first steps. */
    @GET
    public Response home(@Context HttpHeaders headers) {
        return pages.home(Languages.of(headers));
    }

    /** Shows the purpose of the link. Changes nothing, so a link preview in a chat does not use up the link. */
    @GET
    @Path("connect/{link}")
    public Uni<Response> look(@PathParam("link") String link, @Context HttpHeaders headers) {
        Locale locale = Languages.of(headers);
        if (!isLink(link)) {
            return Uni.createFrom().item(pages.dead(locale, DeadEnd.UNKNOWN_LINK));
        }
        return flow.preview(Secret.of(link))
                .map(preview -> pages.connect(locale, preview, "/connect/" + link + "/start"))
                .onFailure(ConnectPages::hasErrorPage)
                .recoverWithItem(failure -> errorPage(locale, failure));
    }

    /** Redirects to the provider. A GET, not a form: the content security policy would block the redirect of a form. */
    @GET
    @Path("connect/{link}/start")
    public Uni<Response> start(@PathParam("link") String link, @Context HttpHeaders headers) {
        if (!isLink(link)) {
            return Uni.createFrom().item(pages.dead(Languages.of(headers), DeadEnd.UNKNOWN_LINK));
        }
        if (isCrossSite(headers)) {
            return Uni.createFrom()
                    .item(Response.seeOther(URI.create(publicUrl.base() + "/connect/" + link))
                            .build());
        }
        return depart(flow.start(Secret.of(link), cookie.read(headers)), headers);
    }

    private Uni<Response> depart(Uni<ConnectFlow.Redirect> departure, HttpHeaders headers) {
        return departure
                .map(redirect -> Response.seeOther(redirect.url())
                        .header(HttpHeaders.SET_COOKIE, cookie.write(redirect.browser()))
                        .header(HttpHeaders.CACHE_CONTROL, "no-store")
                        .header("Referrer-Policy", "no-referrer")
                        .build())
                .onFailure(ConnectPages::hasErrorPage)
                .recoverWithItem(failure -> errorPage(Languages.of(headers), failure));
    }

    /** Scanners of mails and chats send a HEAD; it must not use the link up. */
    @HEAD
    @Path("connect/{link}/start")
    public Uni<Response> lookAtStart(@PathParam("link") String link, @Context HttpHeaders headers) {
        return look(link, headers);
    }

    /** A HEAD must not use the state up either. */
    @HEAD
    @Path("callback/{provider}")
    public Response lookAtCallback() {
        return Response.noContent()
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .build();
    }

    /** The redirect URI of a provider. Redirects, so that code and state leave the address bar and the history. */
    @GET
    @Path("callback/{provider}")
    public Uni<Response> callback(
            @PathParam("provider") String provider, @Context UriInfo uri, @Context HttpHeaders headers) {
        Optional<Map<String, String>> parameters = single(uri.getQueryParameters());
        if (parameters.isEmpty()) {
            return Uni.createFrom().item(pages.dead(Languages.of(headers), DeadEnd.FOREIGN_ANSWER));
        }
        return callback.complete(provider, parameters.get(), cookie.read(headers))
                .map(session -> Response.seeOther(destination(session))
                        .header(HttpHeaders.CACHE_CONTROL, "no-store")
                        .header("Referrer-Policy", "no-referrer")
                        .build())
                .onFailure(ConnectPages::hasErrorPage)
                .recoverWithItem(failure -> errorPage(Languages.of(headers), failure));
    }

    @GET
    @Path("connect/result/{session}")
    public Uni<Response> result(@PathParam("session") String text, @Context HttpHeaders headers) {
        Locale locale = Languages.of(headers);
        return ofBrowser(text, headers)
                .map(asked -> flow.find(asked.session(), asked.browser())
                        .map(found -> found.map(session -> result(locale, session))
                                .orElseGet(() -> pages.dead(locale, DeadEnd.UNKNOWN_LINK)))
                        .onFailure(ConnectPages::hasErrorPage)
                        .recoverWithItem(failure -> errorPage(locale, failure)))
                .orElseGet(() -> Uni.createFrom().item(pages.dead(locale, DeadEnd.UNKNOWN_LINK)));
    }

    private Response result(Locale locale, ConnectSession session) {
        return switch (session.status()) {
            case CONNECTED, FAILED ->
                pages.result(
                        locale,
                        session,
                        flow.canStartAgain(session) ? "/connect/result/" + session.id() + "/again" : "");
            case EXCHANGING ->
                pages.pending(locale, publicUrl.result(session.id()).toString());
            case CREATED, STARTED -> pages.dead(locale, DeadEnd.OPEN_LINK);
        };
    }

    /** Redirects to the provider once more: for a person who refused there, and thinks again. */
    @GET
    @Path("connect/result/{session}/again")
    public Uni<Response> again(@PathParam("session") String text, @Context HttpHeaders headers) {
        return ofBrowser(text, headers)
                .filter(asked -> !isCrossSite(headers))
                .map(asked -> depart(flow.startAgain(asked.session(), asked.browser()), headers))
                .orElseGet(() -> Uni.createFrom().item(pages.dead(Languages.of(headers), DeadEnd.UNKNOWN_LINK)));
    }

    /** A HEAD must not open the session again. */
    @HEAD
    @Path("connect/result/{session}/again")
    public Response lookAtAgain() {
        return lookAtCallback();
    }

    private Optional<Asked> ofBrowser(String session, HttpHeaders headers) {
        return cookie.read(headers)
                .filter(browser -> SESSION.matcher(session).matches())
                .map(browser -> new Asked(UUID.fromString(session), browser));
    }

    private record Asked(UUID session, Secret browser) {}

    /**
     * Whether another site triggered the request (header {@code Sec-Fetch-Site} of Fetch Metadata). A link on another site must
     * not skip the page that shows the purpose.
     */
    private static boolean isCrossSite(HttpHeaders headers) {
        String site = headers.getHeaderString("Sec-Fetch-Site");
        return site != null && !site.equals("same-origin");
    }

    private static boolean hasErrorPage(Throwable failure) {
        return failure instanceof ConnectException
                || failure instanceof ProviderException
                || failure instanceof StorageException
                || failure instanceof CryptoException;
    }

    private Response errorPage(Locale locale, Throwable failure) {
        return switch (failure) {
            case ConnectException.InvalidLink link ->
                pages.dead(
                        locale,
                        switch (link.reason()) {
                            case UNKNOWN -> DeadEnd.UNKNOWN_LINK;
                            case EXPIRED -> DeadEnd.EXPIRED_LINK;
                            case USED -> DeadEnd.USED_LINK;
                        });
            case ConnectException.InvalidState state -> pages.dead(locale, DeadEnd.FOREIGN_ANSWER);
            case ConnectException.Pending pending ->
                pages.pending(locale, publicUrl.result(pending.session()).toString());
            case ProviderException provider
            when SessionEnd.of(provider.code()) != SessionEnd.AWAY -> pages.setup(locale, provider.code());
            default -> pages.dead(locale, DeadEnd.UNAVAILABLE);
        };
    }

    private URI destination(ConnectSession session) {
        String returnUrl = session.returnUrl();
        if (returnUrl == null) {
            return publicUrl.result(session.id());
        }
        String separator = returnUrl.contains("?") ? "&" : "?";
        return URI.create(returnUrl + separator + "connect_session=" + session.id() + "&status="
                + session.status().value());
    }

    /** Whether {@code text} has the form of a link's secret. Anything else could lead a redirect to another page. */
    private static boolean isLink(String text) {
        return LINK.matcher(text).matches();
    }

    /** The parameters; empty when one occurs twice (RFC 6749 section 3.1). */
    private static Optional<Map<String, String>> single(Map<String, List<String>> query) {
        Map<String, String> parameters = new HashMap<>();
        for (Map.Entry<String, List<String>> entry : query.entrySet()) {
            if (entry.getValue().size() != 1) {
                return Optional.empty();
            }
            parameters.put(entry.getKey(), entry.getValue().getFirst());
        }
        return Optional.of(parameters);
    }
}
