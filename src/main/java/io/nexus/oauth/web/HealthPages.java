package io.nexus.oauth.web;

import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.ProviderHealthView;
import io.nexus.oauth.rest.ProviderHealthResource;
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

/** The page of the providers' health, as the answering replica knows it. */
@Path("/ui/health")
class HealthPages {

    private static final int MOST_SHOWN = 100;

    private final ProviderHealthResource health;
    private final PageLayouts layouts;

    HealthPages(ProviderHealthResource health, PageLayouts layouts) {
        this.health = health;
        this.layouts = layouts;
    }

    /** Shows the providers that this replica has used, those in trouble first. */
    @GET
    @RolesAllowed(Role.Names.ADMIN)
    public Uni<Response> list(@Context HttpServerRequest request) {
        return Uni.createFrom()
                .deferred(health::list)
                .map(page -> PageResponses.of(Templates.health(layouts.of(request), Health.of(page.items()))));
    }

    /**
     * The providers that are shown.
     *
     * @param total the number of all providers that this replica has used
     */
    public record Health(List<HealthLine> lines, int total) {

        static Health of(List<ProviderHealthView> all) {
            return new Health(
                    all.stream().limit(MOST_SHOWN).map(HealthLine::new).toList(), all.size());
        }
    }

    /** A provider with words and colours for people. */
    public record HealthLine(ProviderHealthView view) {

        /** The colour of the state. */
        public String kind() {
            return switch (view.state()) {
                case "healthy" -> "good";
                case "impaired" -> "warn";
                default -> "bad";
            };
        }

        /** The percentage of the latest refreshes that failed, rounded up: a single failure is not 0. */
        public int share() {
            return view.refreshes() == 0 ? 0 : (int) Math.ceil(100.0 * view.failedRefreshes() / view.refreshes());
        }

        /** The colour of a client's circuit. */
        public String kindOf(ProviderHealthView.Client client) {
            return switch (client.circuit()) {
                case "closed" -> "good";
                case "open" -> "bad";
                default -> "warn";
            };
        }

        /** A client's circuit in words. */
        public String word(ProviderHealthView.Client client) {
            return switch (client.circuit()) {
                case "closed" -> "requests pass";
                case "open" -> "no request passes";
                case "half_open" -> "one probe passes";
                default -> "the provider asked to wait";
            };
        }
    }

    /** The templates, checked at build time. */
    @CheckedTemplate(basePath = "ui")
    static class Templates {
        private Templates() {}

        static native TemplateInstance health(PageLayout layout, Health view);
    }
}
