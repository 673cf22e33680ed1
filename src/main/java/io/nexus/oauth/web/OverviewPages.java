package io.nexus.oauth.web;

import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.OverviewView;
import io.nexus.oauth.api.Page;
import io.nexus.oauth.api.ProviderView;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.rest.OverviewResource;
import io.nexus.oauth.rest.ProviderResource;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.util.List;

/** The overview page: the state of the credentials, or the next steps when there are none yet. */
@Path("/ui")
class OverviewPages {

    private final OverviewResource overview;
    private final ProviderResource providers;
    private final PageLayouts layouts;

    OverviewPages(OverviewResource overview, ProviderResource providers, PageLayouts layouts) {
        this.overview = overview;
        this.providers = providers;
        this.layouts = layouts;
    }

    /** Shows what the caller's roles allow. */
    @GET
    @RolesAllowed({
        Role.Names.TOKEN_READER,
        Role.Names.TOKEN_EXCHANGER,
        Role.Names.CONNECTOR,
        Role.Names.TENANT_ADMIN,
        Role.Names.ADMIN,
        Role.Names.AUDITOR,
        Role.Names.EXPORTER
    })
    public Uni<Response> overview(@Context HttpServerRequest request) {
        PageLayout layout = layouts.of(request);
        if (!layout.seesCredentials()) {
            return layout.seesProviders()
                    ? providers.list().map(all -> PageResponses.of(Templates.start(layout, registered(all))))
                    : Uni.createFrom().item(() -> PageResponses.of(Templates.start(layout, List.of())));
        }
        return overview.get()
                .chain(found -> isEmpty(found)
                        ? providers.list().map(all -> PageResponses.of(Templates.start(layout, registered(all))))
                        : Uni.createFrom()
                                .item(() -> PageResponses.of(Templates.overview(
                                        layout, found, Trouble.of(found), ActivityChart.of(found.refreshes())))))
                .onFailure(StorageException.class)
                .recoverWithItem(() -> PageResponses.of(503, Templates.uncounted(layout)));
    }

    private static boolean isEmpty(OverviewView found) {
        return found.providers().isEmpty();
    }

    /** The providers at which the tenant has an OAuth client. */
    private static List<ProviderView> registered(Page<ProviderView> all) {
        return all.items().stream().filter(ProviderView::registered).toList();
    }

    /** The troubles that need somebody to act: at the providers, and at the users. */
    public record Trouble(List<OverviewView.Counts> providers, List<OverviewView.Counts> users) {

        static Trouble of(OverviewView found) {
            return new Trouble(
                    found.providers().stream()
                            .filter(each -> each.failing() > 0)
                            .toList(),
                    found.providers().stream()
                            .filter(each -> each.states().getOrDefault("reconnect_required", 0L) > 0)
                            .toList());
        }
    }

    /** The templates, checked at build time. */
    @CheckedTemplate(basePath = "ui")
    static class Templates {
        private Templates() {}

        static native TemplateInstance start(PageLayout layout, List<ProviderView> ready);

        static native TemplateInstance uncounted(PageLayout layout);

        static native TemplateInstance overview(
                PageLayout layout, OverviewView overview, Trouble trouble, List<ActivityChart.Panel> charts);
    }
}
