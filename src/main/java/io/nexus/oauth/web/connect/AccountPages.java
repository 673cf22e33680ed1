package io.nexus.oauth.web.connect;

import io.nexus.oauth.connect.ConnectedAccounts;
import io.nexus.oauth.credential.AccountVisit;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.provider.reply.ProviderException;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/**
 * The page on which a person sees and ends the own connections. A sealed link of the application opens it, and a cookie binds it to one
 * tenant and one user. A connection of anybody else is as unknown as one that does not exist.
 */
@Path("/connect/accounts")
@PermitAll
@Cancellable(false)
class AccountPages {

    private static final String LIST = "/connect/accounts";

    private final ConnectedAccounts accounts;
    private final AccountRenderer pages;
    private final AccountCookie cookie;

    AccountPages(ConnectedAccounts accounts, AccountRenderer pages, AccountCookie cookie) {
        this.accounts = accounts;
        this.pages = pages;
        this.cookie = cookie;
    }

    /** Opens the page of the link's user. A link may be opened until it expires, so a preview does not use it up. */
    @GET
    @Path("open/{link}")
    public Response open(@PathParam("link") String link, @Context HttpHeaders headers) {
        Locale locale = Languages.of(headers);
        try {
            return accounts.open(link)
                    .map(visit -> redirect(LIST)
                            .header(HttpHeaders.SET_COOKIE, cookie.write(accounts.begin(visit)))
                            .build())
                    .orElseGet(() -> pages.over(locale));
        } catch (CryptoException.NoCommonKey e) {
            return pages.unavailable(locale);
        }
    }

    /** {@code status} is set when the browser comes back from a connect flow, and {@code done} after a form. */
    @GET
    public Uni<Response> list(
            @QueryParam("status") @Nullable String status,
            @QueryParam("done") @Nullable String done,
            @Context HttpHeaders headers) {
        return within(
                headers,
                visitor -> accounts.list(visitor.visit())
                        .map(found ->
                                pages.list(visitor, found, AccountRenderer.Done.of(done == null ? status : done))));
    }

    /** Asks before a connection ends. */
    @GET
    @Path("{id}/end")
    public Uni<Response> ask(@PathParam("id") UUID id, @Context HttpHeaders headers) {
        return withConnection(id, headers, (visitor, found) -> Uni.createFrom().item(pages.ask(visitor, found)));
    }

    @POST
    @Path("{id}/end")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Uni<Response> end(
            @PathParam("id") UUID id, @FormParam("form_token") @Nullable String token, @Context HttpHeaders headers) {
        return withForm(
                id,
                token,
                headers,
                (visitor, found) -> accounts.end(visitor.visit(), found)
                        .map(nothing -> redirect(LIST + "?done=ended").build()));
    }

    @POST
    @Path("{id}/again")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Uni<Response> again(
            @PathParam("id") UUID id, @FormParam("form_token") @Nullable String token, @Context HttpHeaders headers) {
        return withForm(
                id,
                token,
                headers,
                (visitor, found) -> Uni.createFrom()
                        .deferred(() -> accounts.reconnect(visitor.visit(), found))
                        .onFailure(failure -> failure instanceof ProviderException
                                || failure instanceof CredentialException
                                || failure instanceof CryptoException)
                        .recoverWithItem(LIST + "?done=failed")
                        .map(url -> redirect(url).build()));
    }

    /** Closes the page in this browser, and leads back to the application. */
    @GET
    @Path("leave")
    public Response leave(@Context HttpHeaders headers) {
        Optional<String> back = cookie.read(headers).flatMap(accounts::visit).map(AccountVisit::returnUrl);
        Response answer = back.map(url -> redirect(url).build()).orElseGet(() -> pages.left(Languages.of(headers)));
        return Response.fromResponse(answer)
                .header(HttpHeaders.SET_COOKIE, cookie.clear())
                .build();
    }

    private Uni<Response> within(HttpHeaders headers, Function<Visitor, Uni<Response>> page) {
        Locale locale = Languages.of(headers);
        return cookie.read(headers)
                .flatMap(secret -> accounts.visit(secret).map(visit -> new Visitor(visit, secret, locale)))
                .map(visitor -> page.apply(visitor)
                        .onFailure(StorageException.class)
                        .recoverWithItem(() -> pages.unavailable(locale)))
                .orElseGet(() -> Uni.createFrom().item(pages.over(locale)));
    }

    private Uni<Response> withConnection(UUID id, HttpHeaders headers, Act act) {
        return within(
                headers,
                visitor -> accounts.find(visitor.visit(), id)
                        .chain(found -> found.isPresent()
                                ? act.on(visitor, found.get())
                                : Uni.createFrom().item(redirect(LIST).build())));
    }

    /** Another site can make a browser send a form, but it does not know the token in it. */
    private Uni<Response> withForm(UUID id, @Nullable String token, HttpHeaders headers, Act act) {
        String site = headers.getHeaderString("Sec-Fetch-Site");
        boolean foreign = site != null && !site.equals("same-origin");
        return withConnection(
                id,
                headers,
                (visitor, found) -> foreign || !accounts.isFormToken(visitor.cookie(), token)
                        ? Uni.createFrom().item(pages.over(visitor.locale()))
                        : act.on(visitor, found));
    }

    private static Response.ResponseBuilder redirect(String url) {
        return Response.status(303)
                .header(HttpHeaders.LOCATION, url)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header("Referrer-Policy", "no-referrer");
    }

    @FunctionalInterface
    private interface Act {
        Uni<Response> on(Visitor visitor, StoredCredential found);
    }

    /**
     * The person at the page.
     *
     * @param visit what the person may see
     * @param cookie the secret of the browser
     * @param locale the language of the browser
     */
    record Visitor(AccountVisit visit, Secret cookie, Locale locale) {}
}
