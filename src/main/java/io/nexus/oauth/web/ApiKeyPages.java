package io.nexus.oauth.web;

import io.nexus.oauth.access.TokenEndpointClients;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.ApiKeyRequest;
import io.nexus.oauth.api.ApiKeyView;
import io.nexus.oauth.api.Problem;
import io.nexus.oauth.connect.PublicUrl;
import io.nexus.oauth.rest.ApiKeyResource;
import io.nexus.oauth.rest.InvalidRequest;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** The pages of the tenant's API keys. Only the answer to the creation shows a key; no address contains one. */
@Path("/ui/api-keys")
@Cancellable(false)
@RolesAllowed(Role.Names.ADMIN)
class ApiKeyPages {

    /** The most keys of one page; a tenant may have any number. */
    private static final int MOST_SHOWN = 200;

    private static final Duration ENDING_WARNING_TIME = Duration.ofDays(7);

    private final ApiKeyResource keys;
    private final PublicUrl publicUrl;
    private final PageLayouts layouts;

    ApiKeyPages(ApiKeyResource keys, PublicUrl publicUrl, PageLayouts layouts) {
        this.keys = keys;
        this.publicUrl = publicUrl;
        this.layouts = layouts;
    }

    /** Lists the usable keys, newest first; with {@code show=all} the others, too. */
    @GET
    public Uni<Response> list(@Context HttpServerRequest request) {
        PageLayout layout = layouts.of(request);
        boolean all = "all".equals(request.getParam("show"));
        return keys.list()
                .map(page -> PageResponses.of(Templates.apiKeys(layout, KeyList.of(page.items(), all, layout.now()))));
    }

    /** Shows the form of a new key, filled for a purpose. */
    @GET
    @Path("/new")
    public Uni<Response> ask(@Context HttpServerRequest request) {
        Preset preset = Preset.of(request.getParam("for"));
        return Uni.createFrom()
                .item(() -> form(
                        layouts.of(request), 200, new KeyForm(preset.id(), "", preset.roles(), "7776000", List.of())));
    }

    /** Creates a key and shows it. */
    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Uni<Response> create(@Nullable String body, @Context HttpServerRequest request) {
        PostedForm form = layouts.form(request, body);
        PageLayout layout = layouts.of(request);
        Set<String> roles = form.group("role.").keySet();
        String lifetime = form.text("expires_in");
        ApiKeyRequest wish =
                new ApiKeyRequest(form.text("name"), layout.tenant(), List.copyOf(roles), seconds(lifetime));
        return Uni.createFrom()
                .deferred(() -> keys.issue(wish))
                .map(made -> made.getEntity() instanceof ApiKeyView key
                        ? PageResponses.of(Templates.apiKeyMade(layout, key, command(key)))
                        : made)
                .onFailure(InvalidRequest.class)
                .recoverWithItem(failure -> form(
                        layout, 400, new KeyForm("", form.text("name"), roles, lifetime, LinkPages.faults(failure))));
    }

    /** Asks whether to revoke a key. */
    @GET
    @Path("/{id}/revoke")
    public Uni<Response> askToRevoke(@PathParam("id") String id, @Context HttpServerRequest request) {
        PageLayout layout = layouts.of(request);
        return keys.list()
                .map(page -> page.items().stream()
                        .filter(key -> key.id().equals(id) && key.revokedAt() == null)
                        .findFirst()
                        .orElseThrow(NotFoundException::new))
                .map(key -> PageResponses.of(Templates.apiKeyRevocation(layout, key, revocation(key.id()))));
    }

    /** Revokes a key. */
    @POST
    @Path("/{id}/revoke")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Uni<Response> revoke(@PathParam("id") String id, @Nullable String body, @Context HttpServerRequest request) {
        PostedForm form = layouts.form(request, body);
        return Uni.createFrom()
                .deferred(() -> keys.revoke(id))
                .map(gone -> layouts.done(request, form, "/ui/api-keys", "key-revoked"));
    }

    private static Response form(PageLayout layout, int status, KeyForm form) {
        return PageResponses.of(status, Templates.apiKeyForm(layout, form, Preset.ALL, Lifetime.ALL));
    }

    /** Empty for the service's own lifetime. Text that is no number becomes a lifetime that the API refuses. */
    private static @Nullable Long seconds(String text) {
        if (text.isEmpty()) {
            return null;
        }
        return text.matches("[0-9]{1,12}") ? Long.parseLong(text) : Long.valueOf(0);
    }

    private static String revocation(String id) {
        return "/ui/api-keys/" + id + "/revoke";
    }

    /** A command that shows what the key may do. */
    private String command(ApiKeyView key) {
        String header = " -H \"Authorization: Bearer " + key.key() + "\"";
        String api = publicUrl.base() + "/api/v1/";
        if (key.roles().contains(Role.Names.TOKEN_READER)) {
            return "curl -s \"" + api + "token?provider=PROVIDER&user=USER\"" + header;
        }
        if (key.roles().contains(Role.Names.TOKEN_EXCHANGER) && key.roles().size() == 1) {
            return "curl -s " + publicUrl.base() + TokenEndpointClients.PATH + header
                    + " -d grant_type=urn:ietf:params:oauth:grant-type:token-exchange"
                    + " -d subject_token_type=urn:ietf:params:oauth:token-type:access_token"
                    + " -d subject_token=TOKEN -d audience=PROVIDER";
        }
        if (key.roles().contains(Role.Names.EXPORTER) && key.roles().size() == 1) {
            return "NEXUS_API_KEY=" + key.key() + " nexus oauth export --new-key-file move.jwk > grants.jsonl";
        }
        String list = key.roles().contains(Role.Names.CONNECTOR) || key.roles().contains(Role.Names.TENANT_ADMIN)
                ? "credentials"
                : key.roles().contains(Role.Names.ADMIN) ? "api-keys" : "audit";
        return "curl -s " + api + list + header;
    }

    /**
     * The keys of the list.
     *
     * @param keys those that are shown
     * @param all whether the list has unusable keys, too
     * @param usable the number of usable keys
     * @param total the number of all keys
     */
    public record KeyList(List<KeyLine> keys, boolean all, long usable, long total) {

        static KeyList of(List<ApiKeyView> keys, boolean all, Instant now) {
            List<KeyLine> lines = keys.stream()
                    .sorted(Comparator.comparing(ApiKeyView::createdAt).reversed())
                    .map(key -> KeyLine.of(key, now))
                    .toList();
            long usable = lines.stream().filter(KeyLine::isUsable).count();
            return new KeyList(
                    lines.stream()
                            .filter(line -> all || line.isUsable())
                            .limit(MOST_SHOWN)
                            .toList(),
                    all,
                    usable,
                    lines.size());
        }

        /** The number of keys that the filter lets through. */
        public long shownOf() {
            return all ? total : usable;
        }
    }

    /**
     * A key of the list.
     *
     * @param state {@code usable}, {@code expired} or {@code revoked}
     * @param endedAt when it expires or expired, or when it was revoked
     * @param ending whether it expires within a week
     */
    public record KeyLine(ApiKeyView key, String state, Instant endedAt, boolean ending) {

        static KeyLine of(ApiKeyView key, Instant now) {
            Instant revoked = key.revokedAt();
            boolean expired = !key.expiresAt().isAfter(now);
            return new KeyLine(
                    key,
                    revoked != null ? "revoked" : expired ? "expired" : "usable",
                    revoked != null ? revoked : key.expiresAt(),
                    key.expiresAt().isBefore(now.plus(ENDING_WARNING_TIME)));
        }

        /** Whether callers can use it. */
        public boolean isUsable() {
            return state.equals("usable");
        }

        /** The address of the page that asks to confirm the revocation. */
        public String revokePath() {
            return revocation(key.id());
        }
    }

    /**
     * The values of the form.
     *
     * @param preset the id of the purpose, or empty
     * @param lifetime the lifetime in seconds as text; empty for the service's own
     * @param faults the errors of the form
     */
    public record KeyForm(String preset, String name, Set<String> roles, String lifetime, List<Problem.Error> faults) {

        /** The error of a field, or empty. */
        public String fault(String field) {
            return FieldErrors.of(faults, field);
        }
    }

    /** A purpose with the least roles for it. */
    public record Preset(String id, String label, Set<String> roles) {

        static final List<Preset> ALL = List.of(
                new Preset("reader", "A service that reads tokens", Set.of(Role.Names.TOKEN_READER)),
                new Preset("gateway", "A gateway that shows its users' tokens", Set.of(Role.Names.TOKEN_EXCHANGER)),
                new Preset("connector", "An application that connects accounts", Set.of(Role.Names.CONNECTOR)),
                new Preset("operator", "A person who operates this tenant", Set.of(Role.Names.TENANT_ADMIN)),
                new Preset("auditor", "A person or a system that audits", Set.of(Role.Names.AUDITOR)),
                new Preset("move", "A move to another service", Set.of(Role.Names.EXPORTER)));

        static Preset of(@Nullable String id) {
            return ALL.stream()
                    .filter(each -> each.id().equals(id))
                    .findFirst()
                    .orElseGet(() -> new Preset("", "", Set.of()));
        }

        /** The address of the form for this purpose. */
        public String path() {
            return "/ui/api-keys/new?for=" + id;
        }
    }

    /** A lifetime to choose. */
    public record Lifetime(String seconds, String label) {

        static final List<Lifetime> ALL = List.of(
                new Lifetime("86400", "1 day"),
                new Lifetime("604800", "7 days"),
                new Lifetime("2592000", "30 days"),
                new Lifetime("7776000", "90 days"),
                new Lifetime("15552000", "180 days"),
                new Lifetime("31536000", "1 year"),
                new Lifetime("", "the default of the service"));
    }

    /** The templates, checked at build time. */
    @CheckedTemplate(basePath = "ui")
    static class Templates {
        private Templates() {}

        static native TemplateInstance apiKeys(PageLayout layout, KeyList list);

        static native TemplateInstance apiKeyForm(
                PageLayout layout, KeyForm form, List<Preset> presets, List<Lifetime> lifetimes);

        static native TemplateInstance apiKeyMade(PageLayout layout, ApiKeyView made, String command);

        static native TemplateInstance apiKeyRevocation(PageLayout layout, ApiKeyView key, String path);
    }
}
