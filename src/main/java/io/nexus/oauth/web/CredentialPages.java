package io.nexus.oauth.web;

import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.AuditEntryView;
import io.nexus.oauth.api.Page;
import io.nexus.oauth.api.ProviderView;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.provider.ProviderException;
import io.nexus.oauth.rest.AuditQuery;
import io.nexus.oauth.rest.AuditResource;
import io.nexus.oauth.rest.CredentialResource;
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
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** What is kept, and what can be done with it. Shows and changes what the API shows and changes, through the same methods. */
@Path("/ui/credentials")
@Cancellable(false)
class CredentialPages {

    private static final String PAGE = "25";
    private static final String LINES = "50";

    private final CredentialResource credentials;
    private final AuditResource audit;
    private final ProviderResource providers;
    private final PageLayouts layouts;

    CredentialPages(
            CredentialResource credentials, AuditResource audit, ProviderResource providers, PageLayouts layouts) {
        this.credentials = credentials;
        this.audit = audit;
        this.providers = providers;
        this.layouts = layouts;
    }

    /** The list. */
    @GET
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.CONNECTOR})
    @Operation(hidden = true)
    public Uni<Response> list(@Context HttpServerRequest request) {
        PageLayout frame = layouts.of(request);
        CredentialSearch search = CredentialSearch.of(request);
        return credentials
                .list(search.provider(), search.user(), search.status(), PAGE, search.cursor())
                .chain(page -> providers
                        .list()
                        .map(all -> PageResponses.of(Templates.credentials(
                                frame,
                                search,
                                page.items().stream()
                                        .map(each -> StatusBadge.of(each, frame.now()))
                                        .toList(),
                                search.next(frame, page.next()),
                                all.items()))));
    }

    /** One, with what happened to it. */
    @GET
    @Path("/{id}")
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.CONNECTOR})
    @Operation(hidden = true)
    public Uni<Response> one(@PathParam("id") UUID id, @Context HttpServerRequest request) {
        PageLayout frame = layouts.of(request);
        Uni<Page<AuditEntryView>> lines = frame.seesAudit()
                ? audit.list(AuditQuery.of(id), LINES)
                : Uni.createFrom().item(() -> new Page<>(List.of(), null));
        return credentials
                .get(id)
                .chain(found -> lines.map(page -> PageResponses.of(Templates.credential(
                        frame,
                        StatusBadge.of(found, frame.now()),
                        page.items(),
                        page.next() != null,
                        request.getParam("ask") != null))));
    }

    /** Asks the provider. */
    @POST
    @Path("/{id}/test")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.CONNECTOR})
    @Operation(hidden = true)
    public Uni<Response> test(@PathParam("id") UUID id, @Nullable String body, @Context HttpServerRequest request) {
        PostedForm form = layouts.form(request, body);
        return told(credentials.test(id).map(result -> "test-" + result.provider()))
                .map(code -> done(request, form, id, code));
    }

    /** Refreshes now. */
    @POST
    @Path("/{id}/refresh")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.CONNECTOR})
    @Operation(hidden = true)
    public Uni<Response> refresh(@PathParam("id") UUID id, @Nullable String body, @Context HttpServerRequest request) {
        PostedForm form = layouts.form(request, body);
        return told(credentials.refresh(id).map(found -> found.warning() == null ? "refreshed" : "not-refreshed"))
                .map(code -> done(request, form, id, code));
    }

    /** Revokes, once its user's name was typed. */
    @POST
    @Path("/{id}/revoke")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.CONNECTOR})
    @Operation(hidden = true)
    public Uni<Response> revoke(@PathParam("id") UUID id, @Nullable String body, @Context HttpServerRequest request) {
        PostedForm form = layouts.form(request, body);
        return credentials.get(id).chain(found -> {
            if (!found.user().equals(form.text("confirm"))) {
                throw new IllegalArgumentException(
                        "what you typed is not the user of this credential: go back and type it as it stands there");
            }
            return credentials.revoke(id).map(result -> done(request, form, id, revoked(result.atProvider())));
        });
    }

    private Response done(HttpServerRequest request, PostedForm form, UUID id, String code) {
        return layouts.done(request, form, "/ui/credentials/" + id, code);
    }

    /** What is nobody's fault is told on the page itself; everything else is a page of its own. */
    private static Uni<String> told(Uni<String> code) {
        return code.onFailure(failure -> !outcome(failure).isEmpty()).recoverWithItem(CredentialPages::outcome);
    }

    private static String outcome(Throwable failure) {
        return switch (failure) {
            case CredentialException.TooManyRefreshes limited -> "too-soon";
            case CredentialException.ReauthorizationRequired ended -> "reconnect";
            case ProviderException.Unavailable away -> "provider-away";
            case ProviderException.Misconfigured wrong -> "misconfigured";
            default -> "";
        };
    }

    private static String revoked(String atProvider) {
        return switch (atProvider) {
            case "pending" -> "revoked-pending";
            case "unsupported", "refused" -> "revoked-here";
            default -> "revoked";
        };
    }

    /** The templates, checked when the project is built. */
    @CheckedTemplate(basePath = "ui")
    static class Templates {
        private Templates() {}

        static native TemplateInstance credentials(
                PageLayout frame,
                CredentialSearch search,
                List<StatusBadge> items,
                @Nullable String next,
                List<ProviderView> providers);

        static native TemplateInstance credential(
                PageLayout frame, StatusBadge standing, List<AuditEntryView> lines, boolean more, boolean asks);
    }
}
