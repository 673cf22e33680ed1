package io.nexus.oauth.rest;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.ClientKeyRequest;
import io.nexus.oauth.api.ClientRequest;
import io.nexus.oauth.api.ClientView;
import io.nexus.oauth.api.Page;
import io.nexus.oauth.connect.PublicUrl;
import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.SealedClient;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.token.TokenManager;
import io.nexus.oauth.token.client.ClientRegistrations;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** Manages the tenant's OAuth clients, one for each provider. No answer contains a client secret or a private key. */
@Path("/api/v1/clients")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Cancellable(false)
public class ClientResource {

    /** How long a registration waits for the provider's metadata. */
    private static final Duration METADATA_TIMEOUT = Duration.ofSeconds(5);

    /** The field that is wrong, by the code of the failure. */
    private static final Map<String, String> UNUSABLE_METADATA = Map.of(
            "issuer_mismatch",
            "/vars",
            "bad_metadata",
            "/vars",
            "metadata_not_found",
            "/vars",
            ClientRegistration.UNSUPPORTED_METHOD,
            "/token_endpoint_auth_method",
            ClientRegistration.UNSUPPORTED_ALGORITHM,
            "/token_endpoint_auth_signing_alg");

    private final ClientRegistrations clients;
    private final TokenManager tokens;
    private final ProviderCatalogue catalogue;
    private final PublicUrl publicUrl;
    private final CurrentCaller caller;
    private final InstantSource clock;

    ClientResource(
            ClientRegistrations clients,
            TokenManager tokens,
            ProviderCatalogue catalogue,
            PublicUrl publicUrl,
            CurrentCaller caller,
            InstantSource clock) {
        this.clients = clients;
        this.tokens = tokens;
        this.catalogue = catalogue;
        this.publicUrl = publicUrl;
        this.caller = caller;
        this.clock = clock;
    }

    @GET
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.ADMIN})
    public Uni<Page<ClientView>> list() {
        AccessLimits limits = limits();
        return clients.all(caller.get().tenant())
                .map(all -> new Page<>(
                        all.stream()
                                .filter(client -> limits.coversEveryUserOf(client.provider()))
                                .map(this::view)
                                .toList(),
                        null));
    }

    @GET
    @Path("/{provider}")
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.ADMIN})
    public Uni<ClientView> get(@PathParam("provider") String provider) {
        hideOutsideLimits(provider);
        return clients.stored(caller.get().tenant(), provider)
                .map(found -> found.map(this::view).orElseThrow(NotFoundException::new));
    }

    @PUT
    @Path("/{provider}")
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.ADMIN})
    public Uni<ClientView> put(@PathParam("provider") String provider, @Nullable ClientRequest request) {
        if (!limits().coversEveryUserOf(provider)) {
            throw new CredentialException.Forbidden(InputErrors.OUTSIDE_ACCESS_LIMITS);
        }
        Caller who = caller.get();
        ClientRegistration registration = ClientInput.registration(catalogue, provider, request, clock.instant());
        return checkMetadata(registration.ownedBy(who.tenant()))
                .chain(() -> tokens.registerProvider(who.tenant(), registration, who.name()))
                .map(this::view);
    }

    @POST
    @Path("/{provider}/keys")
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.ADMIN})
    public Uni<ClientView> rotateKey(@PathParam("provider") String provider, @Nullable ClientKeyRequest request) {
        hideOutsideLimits(provider);
        Caller who = caller.get();
        boolean compromised = request != null && Boolean.TRUE.equals(request.compromised());
        return clients.rotateKey(who.tenant(), provider, compromised, who.name())
                .map(found -> found.map(this::view).orElseThrow(NotFoundException::new));
    }

    /** Refuses variables that lead to the metadata of another issuer, and a method that the metadata does not offer. A provider that is away is no reason to refuse. */
    private Uni<Void> checkMetadata(ClientRegistration registration) {
        return catalogue
                .get(registration.provider())
                .checkMetadata(registration)
                .ifNoItem()
                .after(METADATA_TIMEOUT)
                .fail()
                .onFailure(TimeoutException.class)
                .recoverWithUni(slow -> Uni.createFrom().voidItem())
                .onFailure(ProviderException.class)
                .recoverWithUni(failure -> {
                    String pointer = UNUSABLE_METADATA.get(failure.code());
                    return pointer == null
                            ? Uni.createFrom().voidItem()
                            : Uni.createFrom()
                                    .failure(InvalidRequest.of(pointer, String.valueOf(failure.getMessage())));
                });
    }

    @DELETE
    @Path("/{provider}")
    @Consumes(MediaType.WILDCARD)
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.ADMIN})
    public Uni<Response> delete(@PathParam("provider") String provider) {
        hideOutsideLimits(provider);
        Caller who = caller.get();
        return clients.remove(who.tenant(), provider, who.name()).map(gone -> {
            if (!gone) {
                throw new NotFoundException();
            }
            return Response.noContent().build();
        });
    }

    private AccessLimits limits() {
        return caller.get().limits(Role.TENANT_ADMIN, Role.ADMIN);
    }

    private void hideOutsideLimits(String provider) {
        if (!limits().coversEveryUserOf(provider)) {
            throw new NotFoundException();
        }
    }

    private ClientView view(SealedClient client) {
        return new ClientView(
                client.provider(),
                client.clientId(),
                client.clientSecret() != null,
                client.secondSecret() != null,
                client.scopes().values(),
                client.omittedScopes().values(),
                Objects.requireNonNullElseGet(client.redirectUri(), () -> publicUrl.callback(client.provider())),
                client.vars(),
                client.authentication().method(),
                client.authentication().algorithm(),
                client.authentication().audience(),
                client.authentication().keys().isEmpty()
                        ? null
                        : JwksResource.url(publicUrl, client.authentication().keySet()),
                ClientKeyStates.of(client, clock.instant()),
                client.createdAt(),
                client.updatedAt());
    }
}
