package io.nexus.oauth.rest;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.audit.AuditReader;
import io.nexus.oauth.event.AuditEntry;
import io.nexus.oauth.event.AuditFilter;
import io.smallrye.mutiny.Multi;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jboss.resteasy.reactive.RestMulti;

/**
 * Exports the tenant's audit trail as a file. The service streams it in parts, so its length needs no memory. If the database
 * fails meanwhile, the connection breaks and the file is incomplete.
 */
@Path("/api/v1/audit/export")
public class AuditExportResource {

    static final String JSON_LINES = "application/x-ndjson";
    /** The media type of CSV (RFC 4180). */
    public static final String CSV = "text/csv";

    private final AuditReader audit;
    private final AuditExportFormat lines;
    private final CurrentCaller caller;

    AuditExportResource(AuditReader audit, AuditExportFormat lines, CurrentCaller caller) {
        this.audit = audit;
        this.lines = lines;
        this.caller = caller;
    }

    @GET
    @Produces({JSON_LINES + ";qs=1"})
    @RolesAllowed(Role.Names.AUDITOR)
    public Multi<byte[]> asJsonLines(@BeanParam AuditQuery query) {
        return export(query, Multi.createFrom().empty(), this::jsonLines, "audit.jsonl");
    }

    @GET
    @Produces({CSV + ";qs=0.5"})
    @RolesAllowed(Role.Names.AUDITOR)
    public Multi<byte[]> asCsv(@BeanParam AuditQuery query) {
        return export(
                query, Multi.createFrom().item(bytes(AuditExportFormat.HEADER)), AuditExportResource::csv, "audit.csv");
    }

    private RestMulti<byte[]> export(
            AuditQuery query, Multi<byte[]> head, Function<List<AuditEntry>, String> text, String name) {
        InputErrors errors = new InputErrors();
        Caller who = caller.get();
        AuditFilter filter = query.filter(errors).within(who.limits(Role.AUDITOR));
        errors.check();
        Multi<byte[]> body =
                audit.all(who.tenant(), filter).filter(part -> !part.isEmpty()).map(part -> bytes(text.apply(part)));
        return RestMulti.fromMultiData(Multi.createBy().concatenating().streams(head, body))
                .header("Cache-Control", "no-store")
                .header("Content-Disposition", "attachment; filename=\"" + name + "\"")
                .build();
    }

    /** The framework adds a line end to each part, so the part itself has none. */
    private String jsonLines(List<AuditEntry> part) {
        return part.stream().map(lines::json).collect(Collectors.joining()).stripTrailing();
    }

    private static String csv(List<AuditEntry> part) {
        return part.stream().map(AuditExportFormat::csv).collect(Collectors.joining());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
