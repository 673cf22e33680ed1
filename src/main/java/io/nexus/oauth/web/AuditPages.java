package io.nexus.oauth.web;

import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.AuditEntryView;
import io.nexus.oauth.rest.AuditQuery;
import io.nexus.oauth.rest.AuditResource;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The page of the audit trail, newest entries first. */
@Path("/ui/audit")
class AuditPages {

    private static final String PAGE_SIZE = "50";

    private final AuditResource audit;
    private final PageLayouts layouts;

    AuditPages(AuditResource audit, PageLayouts layouts) {
        this.audit = audit;
        this.layouts = layouts;
    }

    /** Shows the entries that match {@code query}. */
    @GET
    @RolesAllowed({Role.Names.AUDITOR, Role.Names.TENANT_ADMIN})
    public Uni<Response> search(@BeanParam AuditQuery query, @Context HttpServerRequest request) {
        PageLayout layout = layouts.of(request);
        query.order = "newest";
        return audit.list(query, PAGE_SIZE)
                .map(page -> PageResponses.of(Templates.audit(
                        layout,
                        SearchForm.of(query),
                        page.items(),
                        SearchForm.of(query).next(layout, page.next()))));
    }

    /** The values of the search form. A field that is not used is an empty text. */
    public record SearchForm(
            String operation, String provider, String user, String actor, String credentialId, Days days) {

        /** The days of the search: {@code from} inclusive, {@code to} exclusive. */
        public record Days(String from, String to) {}

        static SearchForm of(AuditQuery query) {
            return new SearchForm(
                    text(query.operation),
                    text(query.provider),
                    text(query.user),
                    text(query.actor),
                    text(query.credentialId),
                    new Days(text(query.from), text(query.to)));
        }

        /** Whether any field is used. */
        public boolean isUsed() {
            return !(operation + provider + user + actor + credentialId + days.from() + days.to()).isEmpty();
        }

        /** The address of the next page, or null. */
        @Nullable String next(PageLayout layout, @Nullable String cursor) {
            if (cursor == null) {
                return null;
            }
            StringBuilder query = new StringBuilder("/ui/audit?cursor=").append(CredentialSearch.encoded(cursor));
            add(query, "operation", operation);
            add(query, "provider", provider);
            add(query, "user", user);
            add(query, "actor", actor);
            add(query, "credential_id", credentialId);
            add(query, "from", days.from());
            add(query, "to", days.to());
            return layout.to(query.toString());
        }

        private static void add(StringBuilder query, String name, String value) {
            if (!value.isEmpty()) {
                query.append('&').append(name).append('=').append(CredentialSearch.encoded(value));
            }
        }

        private static String text(@Nullable String value) {
            return value == null ? "" : value;
        }
    }

    /** The templates, checked at build time. */
    @CheckedTemplate(basePath = "ui")
    static class Templates {
        private Templates() {}

        static native TemplateInstance audit(
                PageLayout layout, SearchForm search, List<AuditEntryView> lines, @Nullable String next);
    }
}
