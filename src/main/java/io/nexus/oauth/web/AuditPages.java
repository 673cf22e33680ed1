package io.nexus.oauth.web;

import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.AuditEntryView;
import io.nexus.oauth.rest.AuditExportResource;
import io.nexus.oauth.rest.AuditQuery;
import io.nexus.oauth.rest.AuditResource;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;
import org.jboss.resteasy.reactive.RestMulti;
import org.jspecify.annotations.Nullable;

/** The page of the audit trail, newest entries first. */
@Path("/ui/audit")
class AuditPages {

    private static final String PAGE_SIZE = "50";

    private final AuditResource audit;
    private final AuditExportResource exports;
    private final PageLayouts layouts;

    AuditPages(AuditResource audit, AuditExportResource exports, PageLayouts layouts) {
        this.audit = audit;
        this.exports = exports;
        this.layouts = layouts;
    }

    /** Shows the entries that match {@code query}. */
    @GET
    @RolesAllowed({Role.Names.AUDITOR, Role.Names.TENANT_ADMIN})
    public Uni<Response> search(@BeanParam AuditQuery query, @Context HttpServerRequest request) {
        PageLayout layout = layouts.of(request);
        query.order = "newest";
        SearchForm form = SearchForm.of(query, Period.of(request, query));
        form.period().narrow(query, layout.now());
        return audit.list(query, PAGE_SIZE)
                .map(page ->
                        PageResponses.of(Templates.audit(layout, form, page.items(), form.next(layout, page.next()))));
    }

    /** The entries that match {@code query}, as CSV. */
    @GET
    @Path("/export")
    @Produces(AuditExportResource.CSV)
    @RolesAllowed(Role.Names.AUDITOR)
    public Multi<byte[]> csv(@BeanParam AuditQuery query, @Context HttpServerRequest request) {
        Period.of(request, query).narrow(query, layouts.of(request).now());
        // the check of the role wraps what the API returns, which loses its headers
        return RestMulti.fromMultiData(exports.asCsv(query))
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=\"audit.csv\"")
                .build();
    }

    /** A period that ends now. */
    public enum Period {
        /** No limit, or that of the dates. */
        ANY("", "Any time", Duration.ZERO),
        /** The last hour. */
        HOUR("hour", "Last hour", Duration.ofHours(1)),
        /** The last day. */
        DAY("day", "Last day", Duration.ofDays(1)),
        /** The last week. */
        WEEK("week", "Last week", Duration.ofDays(7));

        private final String code;
        private final String words;
        private final Duration length;

        Period(String code, String words, Duration length) {
            this.code = code;
            this.words = words;
            this.length = length;
        }

        /** The period that the request names. Dates replace it. */
        static Period of(HttpServerRequest request, AuditQuery query) {
            String last = request.getParam("last");
            boolean dates = !(SearchForm.text(query.from) + SearchForm.text(query.to)).isEmpty();
            return Stream.of(values())
                    .filter(each -> !dates && each.code.equals(last))
                    .findFirst()
                    .orElse(ANY);
        }

        void narrow(AuditQuery query, Instant now) {
            if (this != ANY) {
                query.from = now.minus(length).truncatedTo(ChronoUnit.SECONDS).toString();
            }
        }

        /** The name in addresses. */
        public String code() {
            return code;
        }

        /** The name for people. */
        public String words() {
            return words;
        }
    }

    /** The values of the search form. A field that is not used is an empty text. */
    public record SearchForm(
            String operation,
            String provider,
            String user,
            String actor,
            String credentialId,
            Days days,
            Period period) {

        /** The days of the search: {@code from} inclusive, {@code to} exclusive. */
        public record Days(String from, String to) {}

        static SearchForm of(AuditQuery query, Period period) {
            return new SearchForm(
                    text(query.operation),
                    text(query.provider),
                    text(query.user),
                    text(query.actor),
                    text(query.credentialId),
                    new Days(text(query.from), text(query.to)),
                    period);
        }

        /** The periods to choose from. */
        public List<Period> periods() {
            return List.of(Period.values());
        }

        /** Whether {@code other} is chosen. */
        public boolean isDuring(Period other) {
            return period == other && (other != Period.ANY || (days.from() + days.to()).isEmpty());
        }

        /** Whether any field is used. */
        public boolean isUsed() {
            return period != Period.ANY
                    || !(operation + provider + user + actor + credentialId + days.from() + days.to()).isEmpty();
        }

        /** The address of the next page, or null. */
        @Nullable String next(PageLayout layout, @Nullable String cursor) {
            if (cursor == null) {
                return null;
            }
            return layout.to(address("/ui/audit", period) + "&cursor=" + ReturnPath.encoded(cursor));
        }

        /** The address of the same search in another period. */
        public String during(PageLayout layout, Period other) {
            return layout.to(new SearchForm(operation, provider, user, actor, credentialId, new Days("", ""), other)
                    .address("/ui/audit", other));
        }

        /** The address of the file with all matching entries. */
        public String export(PageLayout layout) {
            return layout.to(address("/ui/audit/export", period));
        }

        private String address(String path, Period during) {
            StringBuilder query = new StringBuilder(path).append('?');
            add(query, "last", during.code());
            add(query, "operation", operation);
            add(query, "provider", provider);
            add(query, "user", user);
            add(query, "actor", actor);
            add(query, "credential_id", credentialId);
            add(query, "from", days.from());
            add(query, "to", days.to());
            return query.toString();
        }

        private static void add(StringBuilder query, String name, String value) {
            if (!value.isEmpty()) {
                query.append('&').append(name).append('=').append(ReturnPath.encoded(value));
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
