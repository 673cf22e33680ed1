package io.nexus.oauth.web;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.PageCookies;
import io.nexus.oauth.access.PageSessions;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.Page;
import io.nexus.oauth.api.ShredRequest;
import io.nexus.oauth.api.TenantSummaryView;
import io.nexus.oauth.api.TenantView;
import io.nexus.oauth.rest.TenantResource;
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
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** The pages of the tenants: the choice of the tenant to show, the list, and what one tenant owns. */
@Path("/ui")
@Cancellable(false)
class TenantPages {

    private static final String PAGE_SIZE = "50";

    private final TenantResource tenants;
    private final CurrentCaller caller;
    private final PageSessions sessions;
    private final PageCookies cookies;
    private final PageLayouts layouts;

    TenantPages(
            TenantResource tenants,
            CurrentCaller caller,
            PageSessions sessions,
            PageCookies cookies,
            PageLayouts layouts) {
        this.tenants = tenants;
        this.caller = caller;
        this.sessions = sessions;
        this.cookies = cookies;
        this.layouts = layouts;
    }

    /** Lets the caller choose the tenant that the pages show. It is the only page that needs no tenant. */
    @GET
    @Path("/tenant")
    @RolesAllowed({
        Role.Names.TOKEN_READER,
        Role.Names.TOKEN_EXCHANGER,
        Role.Names.CONNECTOR,
        Role.Names.TENANT_ADMIN,
        Role.Names.ADMIN,
        Role.Names.AUDITOR,
        Role.Names.EXPORTER
    })
    public Uni<Response> choose(@Context HttpServerRequest request) {
        String page = ReturnPath.to(request.getParam("next"), "/ui").split("\\?", 2)[0];
        Search search = Search.of(request);
        boolean any = caller.get().tenantNames().isEmpty();
        String token = cookies.session(request).map(sessions::formToken).orElse("");
        return tenants.list(search.part(), PAGE_SIZE, search.cursor())
                .map(found -> PageResponses.of(Templates.tenant(Choice.of(found, search, page, any), token)));
    }

    /** Lists the tenants. */
    @GET
    @Path("/tenants")
    @RolesAllowed(Role.Names.ADMIN)
    public Uni<Response> list(@Context HttpServerRequest request) {
        PageLayout layout = layouts.of(request);
        Search search = Search.of(request);
        return tenants.list(search.part(), PAGE_SIZE, search.cursor())
                .map(found -> PageResponses.of(
                        Templates.tenants(layout, search, found.items(), search.next("/ui/tenants?", found.next()))));
    }

    /** Shows what a tenant owns. */
    @GET
    @Path("/tenants/{tenant}")
    @RolesAllowed(Role.Names.ADMIN)
    public Uni<Response> one(@PathParam("tenant") String tenant, @Context HttpServerRequest request) {
        return Uni.createFrom()
                .deferred(() -> tenants.get(tenant))
                .map(found -> PageResponses.of(
                        Templates.tenantPage(layouts.of(request), found, "/ui/tenants/" + found.tenant() + "/shred")));
    }

    /** Destroys the keys of a tenant. The operator has to type its name to confirm. */
    @POST
    @Path("/tenants/{tenant}/shred")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @RolesAllowed(Role.Names.ADMIN)
    public Uni<Response> shred(
            @PathParam("tenant") String tenant, @Nullable String body, @Context HttpServerRequest request) {
        PostedForm form = layouts.form(request, body);
        if (!tenant.equals(form.text("confirm"))) {
            throw new IllegalArgumentException(
                    "the text you typed does not match the name of the tenant: go back and type it as shown");
        }
        return Uni.createFrom()
                .deferred(() -> tenants.shred(tenant, new ShredRequest(form.isChecked("force"))))
                .map(done -> layouts.done(request, form, "/ui/tenants/" + done.tenant(), "tenant-shredded"));
    }

    /**
     * The search of a list of tenants.
     *
     * @param part a part of the name, or empty
     * @param cursor the cursor of the page, or empty
     */
    public record Search(String part, String cursor) {

        static Search of(HttpServerRequest request) {
            return new Search(text(request, "name"), text(request, "cursor"));
        }

        private static String text(HttpServerRequest request, String name) {
            String value = request.getParam(name);
            return value == null ? "" : value.strip();
        }

        /** Whether it narrows the list. */
        public boolean isUsed() {
            return !part.isEmpty();
        }

        /** The address of the next page, or null; {@code base} ends with a question mark or an ampersand. */
        @Nullable String next(String base, @Nullable String after) {
            return after == null
                    ? null
                    : base + "name=" + ReturnPath.encoded(part) + "&cursor=" + ReturnPath.encoded(after);
        }
    }

    /**
     * The tenants to choose from.
     *
     * @param page the path of the page to open
     * @param part a part of the name that the list is narrowed to, or empty
     * @param next the address of more tenants, or null
     * @param any whether the caller may also name a tenant that is not in the list
     */
    public record Choice(
            String page,
            String part,
            List<String> names,
            @Nullable String next,
            boolean any) {

        static Choice of(Page<TenantSummaryView> found, Search search, String page, boolean any) {
            return new Choice(
                    page,
                    search.part(),
                    found.items().stream()
                            .filter(each -> each.shreddedAt() == null)
                            .map(TenantSummaryView::tenant)
                            .toList(),
                    search.next("/ui/tenant?next=" + ReturnPath.encoded(page) + "&", found.next()),
                    any);
        }

        /** Whether there are more tenants than the page shows. */
        public boolean searchable() {
            return next != null || !part.isEmpty();
        }
    }

    /** The templates, checked at build time. */
    @CheckedTemplate(basePath = "ui")
    static class Templates {
        private Templates() {}

        static native TemplateInstance tenant(Choice choice, String token);

        static native TemplateInstance tenants(
                PageLayout layout, Search search, List<TenantSummaryView> tenants, @Nullable String next);

        static native TemplateInstance tenantPage(PageLayout layout, TenantView found, String path);
    }
}
