package io.nexus.oauth.web;

import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.AuditEntryView;
import io.nexus.oauth.api.CredentialView;
import io.nexus.oauth.api.OverviewView;
import io.nexus.oauth.api.Page;
import io.nexus.oauth.api.ProviderView;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.rest.AuditQuery;
import io.nexus.oauth.rest.AuditResource;
import io.nexus.oauth.rest.CredentialResource;
import io.nexus.oauth.rest.OverviewResource;
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
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** The pages of the credentials. They call the methods of the API resources. */
@Path("/ui/credentials")
@Cancellable(false)
class CredentialPages {

    private static final String PAGE_SIZE = "25";
    private static final String TIMELINE_SIZE = "50";
    private static final String USAGE_DAYS = "30";
    private static final Duration LONGEST_COUNT = Duration.ofSeconds(1);

    private final CredentialResource credentials;
    private final AuditResource audit;
    private final ProviderResource providers;
    private final OverviewResource overview;
    private final PageLayouts layouts;

    CredentialPages(
            CredentialResource credentials,
            AuditResource audit,
            ProviderResource providers,
            OverviewResource overview,
            PageLayouts layouts) {
        this.credentials = credentials;
        this.audit = audit;
        this.providers = providers;
        this.overview = overview;
        this.layouts = layouts;
    }

    /** Lists the credentials. */
    @GET
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.CONNECTOR})
    public Uni<Response> list(@Context HttpServerRequest request) {
        PageLayout layout = layouts.of(request);
        CredentialSearch search = CredentialSearch.of(request);
        return Uni.combine()
                .all()
                .unis(credentials.list(search.query(PAGE_SIZE)), providers.list(), counts(search))
                .with((page, all, counts) -> PageResponses.of(Templates.credentials(
                        layout,
                        search,
                        page.items().stream().map(StatusBadge::of).toList(),
                        search.next(layout, page.next()),
                        all.items(),
                        search.tabs(layout, counts))));
    }

    /** The counts of the overview; empty when they take long, because the list is more important. */
    private Uni<Optional<OverviewView>> counts(CredentialSearch search) {
        if (search.user() != null) { // a search shows no counts
            return Uni.createFrom().item(Optional.empty());
        }
        return overview.get()
                .map(Optional::of)
                .ifNoItem()
                .after(LONGEST_COUNT)
                .recoverWithItem(Optional.empty())
                .onFailure(StorageException.class)
                .recoverWithItem(Optional.empty());
    }

    /** Shows a credential and its audit trail. */
    @GET
    @Path("/{id}")
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.CONNECTOR})
    public Uni<Response> one(@PathParam("id") UUID id, @Context HttpServerRequest request) {
        Confirmation none = new Confirmation(request.getParam("ask") != null, "", "");
        return credentials.get(id).chain(found -> show(200, found, none, request));
    }

    private Uni<Response> show(int status, CredentialView found, Confirmation confirmation, HttpServerRequest request) {
        PageLayout layout = layouts.of(request);
        Uni<Page<AuditEntryView>> lines = layout.seesAudit()
                ? audit.list(AuditQuery.of(found.id()), TIMELINE_SIZE)
                : Uni.createFrom().item(() -> new Page<>(List.of(), null));
        return Uni.combine()
                .all()
                .unis(lines, credentials.usage(found.id(), USAGE_DAYS, null))
                .with((trail, usage) -> PageResponses.of(
                        status,
                        Templates.credential(
                                layout,
                                StatusBadge.of(found),
                                Timeline.of(trail.items()),
                                trail.next() != null,
                                ActivityChart.of(usage.items(), LocalDate.ofInstant(layout.now(), ZoneOffset.UTC)),
                                confirmation)));
    }

    /**
     * The form that confirms a revocation.
     *
     * @param asks whether the form is open
     * @param typed what the operator typed
     * @param fault the fault of it, or empty
     */
    public record Confirmation(boolean asks, String typed, String fault) {}

    /** Tests a credential at the provider. */
    @POST
    @Path("/{id}/test")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.CONNECTOR})
    public Uni<Response> test(@PathParam("id") UUID id, @Nullable String body, @Context HttpServerRequest request) {
        PostedForm form = layouts.form(request, body);
        return noticeCode(credentials.test(id).map(result -> "test-" + result.provider()))
                .map(code -> done(request, form, id, code));
    }

    /** Refreshes a credential. */
    @POST
    @Path("/{id}/refresh")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.CONNECTOR})
    public Uni<Response> refresh(@PathParam("id") UUID id, @Nullable String body, @Context HttpServerRequest request) {
        PostedForm form = layouts.form(request, body);
        return noticeCode(credentials.refresh(id).map(found -> refreshed(found.warning())))
                .map(code -> done(request, form, id, code));
    }

    /** Revokes a credential. The operator has to type its user to confirm. */
    @POST
    @Path("/{id}/revoke")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.CONNECTOR})
    public Uni<Response> revoke(@PathParam("id") UUID id, @Nullable String body, @Context HttpServerRequest request) {
        PostedForm form = layouts.form(request, body);
        return credentials.get(id).chain(found -> {
            String typed = form.text("confirm");
            if (!found.user().equals(typed)) {
                return show(
                        400,
                        found,
                        new Confirmation(true, typed, "This is not the user of the credential. Nothing was revoked."),
                        request);
            }
            return credentials.revoke(id).map(result -> done(request, form, id, revoked(result.atProvider())));
        });
    }

    static String refreshed(@Nullable String warning) {
        return warning == null ? "refreshed" : "not-refreshed";
    }

    private Response done(HttpServerRequest request, PostedForm form, UUID id, String code) {
        return layouts.done(request, form, "/ui/credentials/" + id, code);
    }

    /** Turns expected failures into the code of a notice on the same page. Other failures get an error page. */
    private static Uni<String> noticeCode(Uni<String> code) {
        return code.onFailure(failure -> !outcome(failure).isEmpty()).recoverWithItem(CredentialPages::outcome);
    }

    static String outcome(Throwable failure) {
        return switch (failure) {
            case CredentialException.TooManyRefreshes limited -> "too-soon";
            case CredentialException.ReauthorizationRequired ended -> "reconnect";
            case ProviderException.Unavailable away -> "provider-away";
            case ProviderException.Misconfigured wrong -> "misconfigured";
            default -> "";
        };
    }

    static String revoked(String atProvider) {
        return switch (atProvider) {
            case "pending" -> "revoked-pending";
            case "unsupported", "refused" -> "revoked-here";
            default -> "revoked";
        };
    }

    /** The templates, checked at build time. */
    @CheckedTemplate(basePath = "ui")
    static class Templates {
        private Templates() {}

        static native TemplateInstance credentials(
                PageLayout layout,
                CredentialSearch search,
                List<StatusBadge> items,
                @Nullable String next,
                List<ProviderView> providers,
                List<CredentialSearch.Tab> tabs);

        static native TemplateInstance credential(
                PageLayout layout,
                StatusBadge badge,
                List<Timeline.Entry> lines,
                boolean more,
                ActivityChart.Panel usage,
                Confirmation confirmation);
    }
}
