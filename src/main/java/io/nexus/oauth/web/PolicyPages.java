package io.nexus.oauth.web;

import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.PolicyRequest;
import io.nexus.oauth.api.Problem;
import io.nexus.oauth.api.ProviderView;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.rest.InvalidRequest;
import io.nexus.oauth.rest.PolicyResource;
import io.nexus.oauth.rest.ProviderResource;
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
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** The pages of the access policies. Those of the policy file are shown only; those that the API stored can be changed. */
@Path("/ui/policies")
@Cancellable(false)
@RolesAllowed(Role.Names.ADMIN)
class PolicyPages {

    private static final String HOME = "/ui/policies";

    private final PolicyResource policies;
    private final ProviderResource providers;
    private final PageLayouts layouts;

    PolicyPages(PolicyResource policies, ProviderResource providers, PageLayouts layouts) {
        this.policies = policies;
        this.providers = providers;
        this.layouts = layouts;
    }

    /** Lists the policies, those of the file first. */
    @GET
    public Uni<Response> list(@Context HttpServerRequest request) {
        return lines().map(lines -> PageResponses.of(Templates.policies(layouts.of(request), lines)));
    }

    /** Shows the form of a new policy, filled for a purpose. No policy has this address, because a policy may be called "new". */
    @GET
    @Path("/form/new")
    public Uni<Response> ask(@Context HttpServerRequest request) {
        PageLayout layout = layouts.of(request);
        return lines().chain(
                        lines -> form(layout, 200, PolicyForm.of(Preset.of(request.getParam("for")), layout.tenant())));
    }

    /** Shows a policy in words, and the one of the file that takes its place. */
    @GET
    @Path("/{name}")
    public Uni<Response> one(@PathParam("name") String name, @Context HttpServerRequest request) {
        return lines().map(lines -> {
            PolicyLine found = find(lines, name).orElseThrow(NotFoundException::new);
            PolicyLine filed = lines.stream()
                    .filter(line -> line.name().equals(name) && !line.isStored() && found.isStored())
                    .findFirst()
                    .orElse(null);
            return PageResponses.of(Templates.policy(layouts.of(request), found, filed));
        });
    }

    /** Shows the form of a stored policy. */
    @GET
    @Path("/{name}/edit")
    public Uni<Response> edit(@PathParam("name") String name, @Context HttpServerRequest request) {
        return lines().map(lines ->
                        find(lines, name).filter(PolicyLine::isChangeable).orElseThrow(NotFoundException::new))
                .chain(found -> form(layouts.of(request), 200, PolicyForm.of(found)));
    }

    /** Stores a policy. A new one does not replace one that is there. */
    @POST
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Uni<Response> save(@Nullable String body, @Context HttpServerRequest request) {
        PostedForm form = layouts.form(request, body);
        PageLayout layout = layouts.of(request);
        PolicyForm entered = PolicyForm.of(form);
        return lines().chain(lines -> {
                    refuseName(lines, entered);
                    return policies.put(entered.name(), entered.request());
                })
                .map(saved -> layouts.done(request, form, HOME + "/" + saved.name(), "policy-saved"))
                .onFailure(InvalidRequest.class)
                .recoverWithUni(failure -> form(layout, 400, entered.with(LinkPages.faults(failure))))
                .onFailure(CredentialException.Conflict.class)
                .recoverWithUni(failure -> form(
                        layout,
                        400,
                        entered.with(List.of(new Problem.Error("/name", String.valueOf(failure.getMessage()))))));
    }

    private static void refuseName(List<PolicyLine> lines, PolicyForm entered) {
        if (entered.stored()) {
            return;
        }
        if (find(lines, entered.name()).filter(PolicyLine::isChangeable).isPresent()) {
            throw new CredentialException.Conflict("a stored policy has this name");
        }
    }

    /** Deletes a stored policy. The operator has to type its name to confirm. */
    @POST
    @Path("/{name}/delete")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Uni<Response> delete(
            @PathParam("name") String name, @Nullable String body, @Context HttpServerRequest request) {
        PostedForm form = layouts.form(request, body);
        if (!name.equals(form.text("confirm"))) {
            throw new IllegalArgumentException(
                    "the text you typed does not match the name of the policy: go back and type it as shown");
        }
        return policies.delete(name).map(gone -> layouts.done(request, form, HOME, "policy-deleted"));
    }

    private Uni<List<PolicyLine>> lines() {
        return Uni.createFrom()
                .deferred(policies::list)
                .map(page -> page.items().stream().map(PolicyLine::new).toList());
    }

    /** The policy {@code name}: the stored one if there is one, because it can be changed. */
    private static Optional<PolicyLine> find(List<PolicyLine> lines, String name) {
        return lines.stream()
                .filter(line -> line.name().equals(name))
                .reduce((first, second) -> second.isStored() ? second : first);
    }

    private Uni<Response> form(PageLayout layout, int status, PolicyForm form) {
        return providers
                .list()
                .map(all -> PageResponses.of(status, Templates.policyForm(layout, form, Preset.ALL, all.items())));
    }

    /**
     * The values of the form. Lists are text, as a person types them.
     *
     * @param preset the id of the purpose, or empty
     * @param stored whether the form changes a stored policy
     * @param faults the errors of the form
     */
    public record PolicyForm(
            String preset,
            boolean stored,
            String name,
            String issuer,
            String subject,
            String tenants,
            Set<String> roles,
            String providers,
            String users,
            String scopes,
            List<Problem.Error> faults) {

        static PolicyForm of(Preset preset, String tenant) {
            return new PolicyForm(
                    preset.id(),
                    false,
                    "",
                    preset.issuer(),
                    preset.subject(),
                    preset.id().isEmpty() ? "" : tenant,
                    preset.roles(),
                    "",
                    "",
                    "",
                    List.of());
        }

        static PolicyForm of(PolicyLine line) {
            return new PolicyForm(
                    "",
                    true,
                    line.name(),
                    String.valueOf(line.view().issuer()),
                    String.valueOf(line.view().subject()),
                    String.join(" ", line.tenants()),
                    Set.copyOf(line.roles()),
                    String.join(" ", line.providers()),
                    String.join("\n", line.users()),
                    String.join(" ", line.scopes()),
                    List.of());
        }

        static PolicyForm of(PostedForm form) {
            return new PolicyForm(
                    "",
                    form.isChecked("stored"),
                    form.text("name"),
                    form.text("issuer"),
                    form.text("subject"),
                    String.join(" ", form.words("tenants")),
                    form.group("role.").keySet(),
                    String.join(" ", form.words("providers")),
                    String.join("\n", form.lines("users")),
                    String.join(" ", form.words("scopes")),
                    List.of());
        }

        PolicyForm with(List<Problem.Error> wrong) {
            return new PolicyForm(
                    preset, stored, name, issuer, subject, tenants, roles, providers, users, scopes, wrong);
        }

        /** An empty field is no limit. */
        PolicyRequest request() {
            return new PolicyRequest(
                    issuer,
                    subject,
                    tenants.isEmpty() ? List.of() : List.of(tenants.split(" ")),
                    List.copyOf(roles),
                    providers.isEmpty() ? null : List.of(providers.split(" ")),
                    users.isEmpty() ? null : List.of(users.split("\n")),
                    scopes.isEmpty() ? null : List.of(scopes.split(" ")));
        }

        /** The error of a field, or empty. */
        public String fault(String field) {
            return FieldErrors.of(faults, field);
        }
    }

    /** A purpose with the least roles for it. */
    public record Preset(String id, String label, String issuer, String subject, Set<String> roles) {

        private static final String KUBERNETES = "https://kubernetes.default.svc.cluster.local";

        static final List<Preset> ALL = List.of(
                new Preset("reader", "One service reads tokens of one provider", "", "", Set.of("token-reader")),
                new Preset(
                        "pod",
                        "Pods of a Kubernetes service account read tokens",
                        KUBERNETES,
                        "system:serviceaccount:NAMESPACE:NAME",
                        Set.of("token-reader")),
                new Preset("gateway", "A gateway gets tokens of its users", "", "", Set.of("token-exchanger")),
                new Preset("connector", "An application connects accounts", "", "", Set.of("connector")),
                new Preset("operator", "A person operates a tenant", "", "", Set.of("tenant-admin")));

        static Preset of(@Nullable String id) {
            return ALL.stream()
                    .filter(each -> each.id().equals(id))
                    .findFirst()
                    .orElseGet(() -> new Preset("", "", "", "", Set.of()));
        }

        /** The address of the form for this purpose. */
        public String path() {
            return HOME + "/form/new?for=" + id;
        }
    }

    /** The templates, checked at build time. */
    @CheckedTemplate(basePath = "ui")
    static class Templates {
        private Templates() {}

        static native TemplateInstance policies(PageLayout layout, List<PolicyLine> policies);

        static native TemplateInstance policy(PageLayout layout, PolicyLine policy, @Nullable PolicyLine filed);

        static native TemplateInstance policyForm(
                PageLayout layout, PolicyForm form, List<Preset> presets, List<ProviderView> providers);
    }
}
