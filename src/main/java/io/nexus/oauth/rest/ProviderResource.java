package io.nexus.oauth.rest;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.Page;
import io.nexus.oauth.api.ProviderView;
import io.nexus.oauth.connect.PublicUrl;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.entry.ProfileVariable;
import io.nexus.oauth.token.client.ClientRegistrations;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Lists the providers of the catalogue. */
@Path("/api/v1/providers")
@Produces(MediaType.APPLICATION_JSON)
public class ProviderResource {

    private final ProviderCatalogue catalogue;
    private final ClientRegistrations clients;
    private final PublicUrl publicUrl;
    private final CurrentCaller caller;

    ProviderResource(
            ProviderCatalogue catalogue, ClientRegistrations clients, PublicUrl publicUrl, CurrentCaller caller) {
        this.catalogue = catalogue;
        this.clients = clients;
        this.publicUrl = publicUrl;
        this.caller = caller;
    }

    @GET
    @RolesAllowed({Role.Names.ADMIN, Role.Names.TENANT_ADMIN, Role.Names.CONNECTOR})
    public Uni<Page<ProviderView>> list() {
        List<Uni<ProviderView>> views = catalogue.all().stream().map(this::view).toList();
        return Uni.join().all(views).andFailFast().map(all -> new Page<>(all, null));
    }

    @GET
    @Path("/{id}")
    @RolesAllowed({Role.Names.ADMIN, Role.Names.TENANT_ADMIN, Role.Names.CONNECTOR})
    public Uni<ProviderView> get(@PathParam("id") String id) {
        return catalogue.find(id).map(this::view).orElseThrow(NotFoundException::new);
    }

    private Uni<ProviderView> view(OAuthProvider provider) {
        return clients.isRegistered(caller.get().tenant(), provider.id())
                .map(registered -> view(provider.profile(), registered));
    }

    private ProviderView view(ProviderProfile profile, boolean registered) {
        return new ProviderView(
                profile.id(),
                profile.name(),
                publicUrl.callback(profile.id()),
                List.copyOf(profile.vars().keySet()),
                profile.vars().entrySet().stream()
                        .map(variable -> variable(variable.getKey(), variable.getValue()))
                        .toList(),
                profile.refresh().rotation().name().toLowerCase(Locale.ROOT),
                profile.refresh().revokesAccessToken(),
                Objects.toString(profile.display().console(), null),
                registered);
    }

    private static ProviderView.Variable variable(String name, ProfileVariable variable) {
        return new ProviderView.Variable(
                name,
                variable.isRequired(),
                variable.fallback(),
                variable.pattern() == null ? null : variable.pattern().pattern(),
                variable.allowHosts());
    }
}
