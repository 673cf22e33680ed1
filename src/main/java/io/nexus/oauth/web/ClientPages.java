package io.nexus.oauth.web;

import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.ClientRequest;
import io.nexus.oauth.api.ClientView;
import io.nexus.oauth.api.Problem;
import io.nexus.oauth.api.ProviderView;
import io.nexus.oauth.rest.ClientResource;
import io.nexus.oauth.rest.InvalidRequest;
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
import java.util.Map;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** The pages of the provider catalogue and of the tenant's OAuth clients. No page shows a client secret. */
@Path("/ui")
@Cancellable(false)
class ClientPages {

    private static final Problem.Error SECRET_MISSING = new Problem.Error(
            "/client_secret", "is missing for the new client id: type it, or confirm that there is none");

    private final ClientResource clients;
    private final ProviderResource providers;
    private final PageLayouts layouts;

    ClientPages(ClientResource clients, ProviderResource providers, PageLayouts layouts) {
        this.clients = clients;
        this.providers = providers;
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
                .chain(found -> show(layout, 200, provider, found.map(Entry::of).orElseGet(Entry::empty)));
    }

    /** Stores the client. An empty secret keeps the stored one. A new client id needs a new secret or the box "no secret". */
    @POST
    @Path("/clients/{provider}")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.ADMIN})
    public Uni<Response> save(
            @PathParam("provider") String provider, @Nullable String body, @Context HttpServerRequest request) {
        PostedForm form = layouts.form(request, body);
        ClientRequest entered = new ClientRequest(
                form.given("client_id"),
                form.given("client_secret"),
                form.given("second_client_secret"),
                form.words("scopes"),
                form.given("redirect_uri"),
                form.group("vars."));
        return stored(provider)
                .chain(found -> losesSecret(found, entered) && !form.isChecked("no_secret")
                        ? show(layouts.of(request), 400, provider, Entry.of(entered, found, List.of(SECRET_MISSING)))
                        : clients.put(provider, entered)
                                .map(saved -> layouts.done(request, form, "/ui/clients", "client-saved")))
                .onFailure(InvalidRequest.class)
                .recoverWithUni(failure -> stored(provider)
                        .chain(found -> show(
                                layouts.of(request),
                                400,
                                provider,
                                Entry.of(entered, found, LinkPages.faults(failure)))));
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

    /** Whether storing {@code entered} would drop stored secrets, because they belong to another client id. */
    private static boolean losesSecret(Optional<ClientView> stored, ClientRequest entered) {
        return entered.clientId() != null
                && entered.clientSecret() == null
                && stored.filter(client -> client.hasSecret() || client.hasSecondSecret())
                        .filter(client -> !client.clientId().equals(entered.clientId()))
                        .isPresent();
    }

    private Uni<Optional<ClientView>> stored(String provider) {
        return Uni.createFrom()
                .deferred(() -> clients.get(provider))
                .map(Optional::of)
                .onFailure(NotFoundException.class)
                .recoverWithItem(Optional.empty());
    }

    private Uni<Response> show(PageLayout layout, int status, String provider, Entry entry) {
        return Uni.createFrom()
                .deferred(() -> providers.list())
                .map(all -> all.items().stream()
                        .filter(each -> each.id().equals(provider))
                        .findFirst()
                        .orElseThrow(NotFoundException::new))
                .map(found -> PageResponses.of(status, Templates.client(layout, found, entry)));
    }

    /**
     * The values of the form, without secrets.
     *
     * @param stored whether the client is registered
     * @param clientId the client identifier
     * @param scopes the default scopes
     * @param redirectUri a redirect URI other than the service's own, or empty
     * @param vars values of the provider's variables
     * @param secrets the number of stored secrets
     * @param faults the errors of the form
     */
    public record Entry(
            boolean stored,
            String clientId,
            String scopes,
            String redirectUri,
            Map<String, String> vars,
            int secrets,
            List<Problem.Error> faults) {

        static Entry empty() {
            return new Entry(false, "", "", "", Map.of(), 0, List.of());
        }

        static Entry of(ClientView view) {
            return new Entry(
                    true,
                    view.clientId(),
                    String.join(" ", view.scopes()),
                    view.redirectUri(),
                    view.vars(),
                    (view.hasSecret() ? 1 : 0) + (view.hasSecondSecret() ? 1 : 0),
                    List.of());
        }

        static Entry of(ClientRequest entered, Optional<ClientView> present, List<Problem.Error> faults) {
            Entry before = present.map(Entry::of).orElseGet(Entry::empty);
            return new Entry(
                    before.stored(),
                    entered.clientId() == null ? "" : entered.clientId(),
                    entered.scopes() == null ? "" : String.join(" ", entered.scopes()),
                    entered.redirectUri() == null ? "" : entered.redirectUri(),
                    entered.vars() == null ? Map.of() : entered.vars(),
                    before.secrets(),
                    faults);
        }

        /** The value of a variable, or empty. */
        public String value(String variable) {
            return vars.getOrDefault(variable, "");
        }

        /** The error of a field, or empty. */
        public String fault(String field) {
            return FieldErrors.of(faults, field);
        }
    }

    /** The templates, checked at build time. */
    @CheckedTemplate(basePath = "ui")
    static class Templates {
        private Templates() {}

        static native TemplateInstance providers(PageLayout layout, List<ProviderView> providers);

        static native TemplateInstance clients(
                PageLayout layout, List<ClientView> clients, List<ProviderView> providers);

        static native TemplateInstance client(PageLayout layout, ProviderView provider, Entry entry);
    }
}
