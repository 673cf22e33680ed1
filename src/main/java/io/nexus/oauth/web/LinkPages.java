package io.nexus.oauth.web;

import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.ConnectSessionRequest;
import io.nexus.oauth.api.ConnectSessionView;
import io.nexus.oauth.api.Problem;
import io.nexus.oauth.api.ProviderView;
import io.nexus.oauth.rest.ConnectSessionResource;
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
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.UUID;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** Creates one-time links for account owners. Only the answer to the creation shows the link. */
@Path("/ui/connect")
@Cancellable(false)
@RolesAllowed(Role.Names.CONNECTOR)
class LinkPages {

    private final ConnectSessionResource sessions;
    private final ProviderResource providers;
    private final PageLayouts layouts;

    LinkPages(ConnectSessionResource sessions, ProviderResource providers, PageLayouts layouts) {
        this.sessions = sessions;
        this.providers = providers;
        this.layouts = layouts;
    }

    /** Shows the form for a new link. */
    @GET
    public Uni<Response> ask(@Context HttpServerRequest request) {
        PageLayout layout = layouts.of(request);
        String provider = request.getParam("provider");
        return ask(layout, 200, new LinkForm(provider == null ? "" : provider, "", "", "", List.of()));
    }

    /** Creates a link for a new account. */
    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Uni<Response> connect(@Nullable String body, @Context HttpServerRequest request) {
        PostedForm form = layouts.form(request, body);
        PageLayout layout = layouts.of(request);
        List<String> scopes = form.words("scopes");
        String account = form.text("expected_account");
        ConnectSessionRequest link = new ConnectSessionRequest(
                form.text("provider"),
                form.text("user"),
                null,
                scopes.isEmpty() ? null : scopes,
                null,
                null,
                false,
                account.isBlank() ? null : account,
                null,
                null,
                null);
        return begin(layout, link)
                .onFailure(InvalidRequest.class)
                .recoverWithUni(failure -> ask(
                        layout,
                        400,
                        new LinkForm(
                                form.text("provider"),
                                form.text("user"),
                                form.text("scopes"),
                                account,
                                faults(failure))));
    }

    /** Creates a link that reconnects the account of a credential. */
    @POST
    @Path("/{id}")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Uni<Response> reconnect(
            @PathParam("id") UUID id, @Nullable String body, @Context HttpServerRequest request) {
        PostedForm form = layouts.form(request, body);
        return begin(
                layouts.of(request),
                new ConnectSessionRequest(
                        null, null, id, null, null, null, form.isChecked("other_account"), null, null, null, null));
    }

    /**
     * Shows what became of a link, without the link. The script of the page polls it with the status that it shows; while that
     * is the present one, the answer is empty.
     */
    @GET
    @Path("/links/{id}")
    public Uni<Response> state(@PathParam("id") UUID id, @Context HttpServerRequest request) {
        PageLayout layout = layouts.of(request);
        String seen = request.getParam("seen");
        return sessions.get(id, null)
                .map(session -> session.status().equals(seen) && request.getHeader("HX-Request") != null
                        ? PageResponses.builder(204).build()
                        : PageResponses.of(Templates.link(layout, new LinkState(session))));
    }

    private Uni<Response> begin(PageLayout layout, ConnectSessionRequest link) {
        return Uni.createFrom()
                .deferred(() -> sessions.begin(link))
                .map(made -> made.getEntity() instanceof ConnectSessionView session
                        ? PageResponses.of(Templates.link(layout, new LinkState(session)))
                        : made);
    }

    private Uni<Response> ask(PageLayout layout, int status, LinkForm form) {
        return providers
                .list()
                .map(all -> PageResponses.of(
                        status,
                        Templates.connect(
                                layout,
                                all.items().stream()
                                        .filter(ProviderView::registered)
                                        .toList(),
                                form)));
    }

    static List<Problem.Error> faults(Throwable failure) {
        return failure instanceof InvalidRequest invalid ? invalid.errors() : List.of();
    }

    /**
     * The values of the form.
     *
     * @param provider the provider
     * @param user the user
     * @param scopes the scopes, separated by spaces
     * @param account the account that the owner has to connect, or empty
     * @param faults the errors of the form
     */
    public record LinkForm(String provider, String user, String scopes, String account, List<Problem.Error> faults) {

        /** The error of a field, or empty. */
        public String fault(String field) {
            return FieldErrors.of(faults, field);
        }
    }

    /**
     * A link with its status for people.
     *
     * @param session the connect session of the link
     */
    public record LinkState(ConnectSessionView session) {

        /** Whether the status can still change. */
        public boolean isOpen() {
            return List.of("created", "started", "exchanging").contains(session.status());
        }

        /** The colour of the status, as of {@link StatusBadge}. */
        public String kind() {
            return switch (session.status()) {
                case "connected" -> "good";
                case "failed" -> "bad";
                case "expired" -> "warn";
                default -> "off";
            };
        }

        /** The status in a few words. */
        public String word() {
            return switch (session.status()) {
                case "created" -> "Not opened yet";
                case "started" -> "Opened";
                case "exchanging" -> "Allowed";
                case "connected" -> "Connected";
                case "failed" -> "Not connected";
                default -> "Expired";
            };
        }

        /** The status as a sentence. */
        public String sentence() {
            return switch (session.status()) {
                case "created" -> "Nobody has opened the link.";
                case "started" -> "Somebody opened the link and is at the provider now.";
                case "exchanging" -> "The owner allowed the access. The service is connecting the account.";
                case "connected" -> "The link was used, and the account is connected.";
                case "failed" -> "The link was used, but the account was not connected. Make another link.";
                default -> "Nobody used the link in time. Make another one.";
            };
        }
    }

    /** The templates, checked at build time. */
    @CheckedTemplate(basePath = "ui")
    static class Templates {
        private Templates() {}

        static native TemplateInstance connect(PageLayout layout, List<ProviderView> ready, LinkForm form);

        static native TemplateInstance link(PageLayout layout, LinkState state);
    }
}
