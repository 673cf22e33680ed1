package io.nexus.oauth.web;

import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.CredentialRequest;
import io.nexus.oauth.api.CredentialView;
import io.nexus.oauth.api.Problem;
import io.nexus.oauth.api.ProviderView;
import io.nexus.oauth.credential.GrantType;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.rest.CredentialResource;
import io.nexus.oauth.rest.InvalidRequest;
import io.nexus.oauth.rest.ProviderResource;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** The page that creates machine connections. It calls the method of the API resource. */
@Path("/ui/machine-connections")
@Cancellable(false)
@RolesAllowed(Role.Names.CONNECTOR)
class MachinePages {

    private final CredentialResource credentials;
    private final ProviderResource providers;
    private final PageLayouts layouts;

    MachinePages(CredentialResource credentials, ProviderResource providers, PageLayouts layouts) {
        this.credentials = credentials;
        this.providers = providers;
        this.layouts = layouts;
    }

    /** Shows the form. */
    @GET
    public Uni<Response> ask(@Context HttpServerRequest request) {
        String provider = request.getParam("provider");
        return show(layouts.of(request), 200, MachineForm.empty(provider == null ? "" : provider));
    }

    /** Asks the provider for a token and stores the connection. A stored connection of the account gets the new values. */
    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Uni<Response> create(@Nullable String body, @Context HttpServerRequest request) {
        PostedForm form = layouts.form(request, body);
        PageLayout layout = layouts.of(request);
        return Uni.createFrom()
                .deferred(() -> credentials.store(wish(form), null, null))
                .map(made -> made.getEntity() instanceof CredentialView stored
                        ? layouts.done(request, form, "/ui/credentials/" + stored.id(), "machine-connected")
                        : made)
                .onFailure(InvalidRequest.class)
                .recoverWithUni(failure -> show(layout, 400, MachineForm.of(form, LinkPages.faults(failure), "")))
                .onFailure(ProviderException.class)
                .recoverWithUni(failure ->
                        show(layout, 400, MachineForm.of(form, List.of(), String.valueOf(failure.getMessage()))));
    }

    private static CredentialRequest wish(PostedForm form) {
        List<String> scopes = form.words("scopes");
        List<String> resources = form.words("resource");
        return new CredentialRequest(
                form.given("provider"),
                form.given("user"),
                null,
                null,
                null,
                null,
                null,
                scopes.isEmpty() ? null : scopes,
                null,
                null,
                null,
                false,
                null,
                form.text("grant_type"),
                form.given("audience"),
                resources.isEmpty() ? null : resources,
                form.given("subject"));
    }

    private Uni<Response> show(PageLayout layout, int status, MachineForm form) {
        return providers
                .list()
                .map(all -> PageResponses.of(
                        status,
                        Templates.machine(
                                layout,
                                all.items().stream()
                                        .filter(ProviderView::registered)
                                        .toList(),
                                form)));
    }

    /**
     * The values of the form.
     *
     * @param provider the provider
     * @param user the name of the account
     * @param grant the grant type
     * @param subject for whom the client asks, or empty
     * @param scopes the scopes, separated by spaces
     * @param audience the audience, or empty
     * @param resource the resources, separated by spaces
     * @param faults the errors of the form
     * @param refusal why the provider issued no token, or empty
     */
    public record MachineForm(
            String provider,
            String user,
            String grant,
            String subject,
            String scopes,
            String audience,
            String resource,
            List<Problem.Error> faults,
            String refusal) {

        static MachineForm empty(String provider) {
            return new MachineForm(provider, "", GrantType.CLIENT_CREDENTIALS.value(), "", "", "", "", List.of(), "");
        }

        static MachineForm of(PostedForm form, List<Problem.Error> faults, String refusal) {
            return new MachineForm(
                    form.text("provider"),
                    form.text("user"),
                    form.text("grant_type"),
                    form.text("subject"),
                    form.text("scopes"),
                    form.text("audience"),
                    form.text("resource"),
                    faults,
                    refusal);
        }

        /** The grants that the form offers. */
        public List<ClientForm.Choice> grants() {
            return List.of(
                    new ClientForm.Choice(GrantType.CLIENT_CREDENTIALS.value(), "client_credentials: for itself"),
                    new ClientForm.Choice(GrantType.JWT_BEARER.value(), "jwt-bearer: with an assertion"));
        }

        /** Whether a field is filled that most connections do not need. */
        public boolean isDetailed() {
            return !audience.isEmpty() || !resource.isEmpty();
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

        static native TemplateInstance machine(PageLayout layout, List<ProviderView> ready, MachineForm form);
    }
}
