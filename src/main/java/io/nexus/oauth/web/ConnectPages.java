package io.nexus.oauth.web;

import io.nexus.oauth.connect.ConnectCallback;
import io.nexus.oauth.connect.ConnectException;
import io.nexus.oauth.connect.ConnectFlow;
import io.nexus.oauth.connect.PublicUrl;
import io.nexus.oauth.credential.ConnectSession;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.ProviderException;
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
    private final ProviderCatalogue catalogue;
    private final PublicUrl publicUrl;
    private final PageRenderer pages;
    private final BrowserCookie cookie;

    ConnectPages(
            ConnectFlow flow,
            ConnectCallback callback,
            ProviderCatalogue catalogue,
            PublicUrl publicUrl,
            PageRenderer pages,
            BrowserCookie cookie) {
        this.flow = flow;
        this.callback = callback;
        this.catalogue = catalogue;
        this.publicUrl = publicUrl;
        this.pages = pages;
        this.cookie = cookie;
    }

    /** The start page. In local mode it shows the first steps. */
    @GET
    public Response home() {
        return pages.home();
    }

    /** Shows the purpose of the link. Changes nothing, so a link preview in a chat does not use up the link. */
    @GET
    @Path("connect/{link}")
    public Uni<Response> look(@PathParam("link") String link) {
        if (!isLink(link)) {
            return Uni.createFrom().item(pages.invalidLink());
        }
        return flow.preview(Secret.of(link))
                .map(session -> pages.connect(session, name(session), "/connect/" + link + "/start"))
                .onFailure(ConnectPages::hasErrorPage)
                .recoverWithItem(this::errorPage);
    }

    /** Redirects to the provider. A GET, not a form: the content security policy would block the redirect of a form. */
    @GET
    @Path("connect/{link}/start")
    public Uni<Response> start(@PathParam("link") String link, @Context HttpHeaders headers) {
        if (!isLink(link)) {
            return Uni.createFrom().item(pages.invalidLink());
        }
        if (isCrossSite(headers)) {
            return Uni.createFrom()
                    .item(Response.seeOther(URI.create(publicUrl.base() + "/connect/" + link))
                            .build());
        }
        return flow.start(Secret.of(link), cookie.read(headers))
                .map(departure -> Response.seeOther(departure.url())
                        .header(HttpHeaders.SET_COOKIE, cookie.write(departure.browser()))
                        .header(HttpHeaders.CACHE_CONTROL, "no-store")
                        .header("Referrer-Policy", "no-referrer")
                        .build())
                .onFailure(ConnectPages::hasErrorPage)
                .recoverWithItem(this::errorPage);
    }

    /** Scanners of mails and chats send a HEAD; it must not use the link up. */
    @HEAD
    @Path("connect/{link}/start")
    public Uni<Response> lookAtStart(@PathParam("link") String link) {
        return look(link);
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
            return Uni.createFrom().item(pages.invalidState());
        }
        return callback.complete(provider, parameters.get(), cookie.read(headers))
                .map(session -> Response.seeOther(destination(session))
                        .header(HttpHeaders.CACHE_CONTROL, "no-store")
                        .header("Referrer-Policy", "no-referrer")
                        .build())
                .onFailure(ConnectPages::hasErrorPage)
                .recoverWithItem(this::errorPage);
    }

    @GET
    @Path("connect/result/{session}")
    public Uni<Response> result(@PathParam("session") String text, @Context HttpHeaders headers) {
        Optional<UUID> id = SESSION.matcher(text).matches() ? Optional.of(UUID.fromString(text)) : Optional.empty();
        return cookie.read(headers)
                .filter(browser -> id.isPresent())
                .map(browser -> flow.find(id.orElseThrow(), browser)
                        .map(found -> found.map(session -> session.status() == ConnectSession.Status.EXCHANGING
                                        ? pages.pending(
                                                publicUrl.result(session.id()).toString())
                                        : pages.result(session, name(session)))
                                .orElseGet(pages::invalidLink))
                        .onFailure(ConnectPages::hasErrorPage)
                        .recoverWithItem(this::errorPage))
                .orElseGet(() -> Uni.createFrom().item(pages.invalidLink()));
    }

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
                || failure instanceof StorageException;
    }

    private Response errorPage(Throwable failure) {
        return switch (failure) {
            case ConnectException.InvalidLink link -> pages.invalidLink();
            case ConnectException.InvalidState state -> pages.invalidState();
            case ConnectException.Pending pending ->
                pages.pending(publicUrl.result(pending.session()).toString());
            default -> pages.tryAgain();
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

    private String name(ConnectSession session) {
        return catalogue
                .find(session.account().provider())
                .map(provider -> provider.profile().name())
                .orElse(session.account().provider());
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
