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
import org.eclipse.microprofile.openapi.annotations.Operation;

/** The first page: whether all is well, and what to do next where there is nothing yet. */
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

    /** What the caller may see of it. */
    @GET
    @RolesAllowed({
        Role.Names.TOKEN_READER,
        Role.Names.CONNECTOR,
        Role.Names.TENANT_ADMIN,
        Role.Names.ADMIN,
        Role.Names.AUDITOR,
        Role.Names.EXPORTER
    })
    @Operation(hidden = true)
    public Uni<Response> overview(@Context HttpServerRequest request) {
        PageLayout frame = layouts.of(request);
        if (!frame.seesCredentials()) {
            return frame.seesProviders()
                    ? providers.list().map(all -> PageResponses.of(Templates.start(frame, registered(all))))
                    : Uni.createFrom().item(() -> PageResponses.of(Templates.start(frame, List.of())));
        }
        return overview.get()
                .chain(found -> isEmpty(found)
                        ? providers.list().map(all -> PageResponses.of(Templates.start(frame, registered(all))))
                        : Uni.createFrom()
                                .item(() -> PageResponses.of(
                                        Templates.overview(frame, found, trouble(found), chart(found)))))
                .onFailure(StorageException.class)
                .recoverWithItem(() -> PageResponses.of(503, Templates.uncounted(frame)));
    }

    private static boolean isEmpty(OverviewView found) {
        return found.providers().isEmpty();
    }

    /** Where the tenant can connect accounts already. */
    private static List<ProviderView> registered(Page<ProviderView> all) {
        return all.items().stream().filter(ProviderView::registered).toList();
    }

    private static List<OverviewView.Counts> trouble(OverviewView found) {
        return found.providers().stream()
                .filter(each -> each.failing() > 0 || each.lapsed() > 0 || each.reauthRequired() > 0)
                .toList();
    }

    private static RefreshChart chart(OverviewView found) {
        return RefreshChart.of(found.refreshes());
    }

    /** The templates, checked when the project is built. */
    @CheckedTemplate(basePath = "ui")
    static class Templates {
        private Templates() {}

        static native TemplateInstance start(PageLayout frame, List<ProviderView> ready);

        static native TemplateInstance uncounted(PageLayout frame);

        static native TemplateInstance overview(
                PageLayout frame, OverviewView overview, List<OverviewView.Counts> trouble, RefreshChart chart);
    }
}
