package io.nexus.oauth.web;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.ClientRequest;
import io.nexus.oauth.api.ClientView;
import io.nexus.oauth.api.Problem;
import io.nexus.oauth.api.ProviderView;
import io.nexus.oauth.rest.ClientResource;
import io.nexus.oauth.rest.InvalidRequest;
import io.nexus.oauth.rest.OverviewResource;
import io.nexus.oauth.rest.ProviderResource;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** The pages of the provider catalogue and of the tenant's OAuth clients. No page shows a client secret. */
@Path("/ui")
@Cancellable(false)
class ClientPages {

    private static final Set<String> WITHOUT_SECRET =
            Set.of("private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth", "none");

    private final ClientResource clients;
    private final ProviderResource providers;
    private final OverviewResource overview;
    private final CurrentCaller caller;
    private final PageLayouts layouts;

    ClientPages(
            ClientResource clients,
            ProviderResource providers,
            OverviewResource overview,
            CurrentCaller caller,
            PageLayouts layouts) {
        this.clients = clients;
        this.providers = providers;
        this.overview = overview;
        this.caller = caller;
        this.layouts = layouts;
    }

    /** Lists the providers with their redirect URIs. */
    @GET
    @Path("/providers")
    @RolesAllowed({Role.Names.ADMIN, Role.Names.TENANT_ADMIN, Role.Names.CONNECTOR})
    public Uni<Response> providers(@Context HttpServerRequest request) {
        PageLayout layout = layouts.of(request);
        return providers.list().map(all -> PageResponses.of(Templates.providers(layout, all.items())));
    }

    /** Lists the tenant's OAuth clients. */
    @GET
    @Path("/clients")
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.ADMIN})
    public Uni<Response> list(@Context HttpServerRequest request) {
        PageLayout layout = layouts.of(request);
        return clients.list()
                .chain(page -> providers
                        .list()
                        .map(all -> PageResponses.of(Templates.clients(layout, page.items(), all.items()))));
    }

    /** Shows the form for the OAuth client at one provider. */
    @GET
    @Path("/clients/{provider}")
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.ADMIN})
    public Uni<Response> one(@PathParam("provider") String provider, @Context HttpServerRequest request) {
        PageLayout layout = layouts.of(request);
        return stored(provider)
                .chain(found ->
                        show(layout, 200, provider, found.map(ClientForm::of).orElseGet(ClientForm::empty)));
    }

    /**
     * Stores the client. An empty secret keeps the stored one. A new client id needs a new secret or the box "no secret". Another
     * client takes the place of the stored one only when the operator has confirmed it.
     */
    @POST
    @Path("/clients/{provider}")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.ADMIN})
    public Uni<Response> save(
            @PathParam("provider") String provider, @Nullable String body, @Context HttpServerRequest request) {
        PostedForm form = layouts.form(request, body);
        PageLayout layout = layouts.of(request);
        ClientRequest entered = new ClientRequest(
                form.given("client_id"),
                form.given("client_secret"),
                form.given("second_client_secret"),
                form.words("scopes"),
                form.words("omitted_scopes"),
                form.given("redirect_uri"),
                form.given("token_endpoint_auth_method"),
                form.given("token_endpoint_auth_signing_alg"),
                form.given("assertion_audience"),
                form.given("private_key"),
                form.given("private_key_id"),
                form.group("vars."));
        return stored(provider)
                .chain(found -> {
                    List<Problem.Error> faults = secretFaults(found, entered, form.isChecked("no_secret"));
                    boolean asks = isReplaced(found, entered) && !form.isChecked("replace");
                    return faults.isEmpty() && !asks
                            ? clients.put(provider, entered)
                                    .map(saved -> layouts.done(request, form, "/ui/clients", "client-saved"))
                            : question(provider, asks ? found : Optional.empty())
                                    .chain(question -> show(
                                            layout,
                                            400,
                                            provider,
                                            ClientForm.of(entered, found, faults)
                                                    .asking(question)));
                })
                .onFailure(InvalidRequest.class)
                .recoverWithUni(failure -> stored(provider)
                        .chain(found ->
                                show(layout, 400, provider, ClientForm.of(entered, found, LinkPages.faults(failure)))));
    }

    /** Makes the next key of the client. */
    @POST
    @Path("/clients/{provider}/keys")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.ADMIN})
    public Uni<Response> rotateKey(
            @PathParam("provider") String provider, @Nullable String body, @Context HttpServerRequest request) {
        PostedForm form = layouts.form(request, body);
        return clients.rotateKey(provider, null)
                .map(saved -> layouts.done(request, form, "/ui/clients/" + provider, "client-key-made"));
    }

    /** A grant is bound to the client to which it was issued (RFC 6749 section 6). */
    private static boolean isReplaced(Optional<ClientView> stored, ClientRequest entered) {
        return entered.clientId() != null
                && stored.filter(client -> !client.clientId().equals(entered.clientId())
                                || !client.vars().equals(entered.vars()))
                        .isPresent();
    }

    /** The question before {@code replaced} is replaced; empty without one. Part of the grants would be no number of them. */
    private Uni<Optional<ClientForm.Replacement>> question(String provider, Optional<ClientView> replaced) {
        if (replaced.isEmpty()) {
            return Uni.createFrom().item(Optional.empty());
        }
        ClientView client = replaced.get();
        return caller.get().limits(Role.CONNECTOR, Role.TENANT_ADMIN).coversEveryUserOf(provider)
                ? overview.get()
                        .map(found -> found.providers().stream()
                                .filter(counts -> provider.equals(counts.provider()))
                                .mapToLong(counts -> counts.valid() + counts.expired() - counts.lapsed())
                                .sum())
                        .map(grants ->
                                Optional.of(new ClientForm.Replacement(client.clientId(), client.vars(), grants)))
                : Uni.createFrom()
                        .item(Optional.of(new ClientForm.Replacement(client.clientId(), client.vars(), null)));
    }

    /** Deletes the client. The user has to type the provider's id to confirm. */
    @POST
    @Path("/clients/{provider}/delete")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.ADMIN})
    public Uni<Response> delete(
            @PathParam("provider") String provider, @Nullable String body, @Context HttpServerRequest request) {
        PostedForm form = layouts.form(request, body);
        if (!provider.equals(form.text("confirm"))) {
            throw new IllegalArgumentException(
                    "the text you typed does not match the provider: go back and type it as shown");
        }
        return clients.delete(provider).map(gone -> layouts.done(request, form, "/ui/clients", "client-deleted"));
    }

    /** The fault of a secret that is not typed, although the stored ones belong to another client id or to other variables. */
    private static List<Problem.Error> secretFaults(
            Optional<ClientView> stored, ClientRequest entered, boolean withoutSecret) {
        String method = Objects.requireNonNullElse(entered.tokenEndpointAuthMethod(), "");
        if (entered.clientId() == null || entered.clientSecret() != null || WITHOUT_SECRET.contains(method)) {
            return List.of();
        }
        Optional<ClientView> secret = stored.filter(client -> client.hasSecret() || client.hasSecondSecret());
        if (secret.filter(client -> !client.clientId().equals(entered.clientId()))
                .isPresent()) {
            return withoutSecret ? List.of() : List.of(ClientForm.SECRET_MISSING);
        }
        return secret.filter(client -> !client.vars().equals(entered.vars()))
                .map(client -> List.of(ClientForm.OTHER_VARS))
                .orElse(List.of());
    }

    private Uni<Optional<ClientView>> stored(String provider) {
        return Uni.createFrom()
                .deferred(() -> clients.get(provider))
                .map(Optional::of)
                .onFailure(NotFoundException.class)
                .recoverWithItem(Optional.empty());
    }

    private Uni<Response> show(PageLayout layout, int status, String provider, ClientForm entry) {
        return Uni.createFrom()
                .deferred(() -> providers.list())
                .map(all -> all.items().stream()
                        .filter(each -> each.id().equals(provider))
                        .findFirst()
                        .orElseThrow(NotFoundException::new))
                .map(found -> PageResponses.of(status, Templates.client(layout, found, entry)));
    }

    /** The templates, checked at build time. */
    @CheckedTemplate(basePath = "ui")
    static class Templates {
        private Templates() {}

        static native TemplateInstance providers(PageLayout layout, List<ProviderView> providers);

        static native TemplateInstance clients(
                PageLayout layout, List<ClientView> clients, List<ProviderView> providers);

        static native TemplateInstance client(PageLayout layout, ProviderView provider, ClientForm entry);
    }
}
