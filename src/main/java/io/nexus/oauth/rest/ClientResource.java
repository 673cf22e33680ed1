package io.nexus.oauth.rest;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.ClientRequest;
import io.nexus.oauth.api.ClientView;
import io.nexus.oauth.api.Page;
import io.nexus.oauth.connect.PublicUrl;
import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.SealedClient;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.ProviderException;
import io.nexus.oauth.token.TokenManager;
import io.nexus.oauth.token.client.ClientRegistrations;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** Manages the tenant's OAuth clients, one for each provider. No answer contains a client secret. */
@Path("/api/v1/clients")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Cancellable(false)
public class ClientResource {

    static final String CLIENT_ID = "must be visible ASCII characters, 512 at most";
    private static final int MAX_REDIRECT_URI = 2_048;
    private static final int MAX_SCOPES = 4_096;
    private static final String SECRET = "must be visible ASCII characters, 8192 at most";

    /** How long a registration waits for the provider's metadata. */
    private static final Duration METADATA_TIMEOUT = Duration.ofSeconds(5);

    private static final Set<String> UNUSABLE_METADATA =
            Set.of("issuer_mismatch", "bad_metadata", "metadata_not_found");

    private final ClientRegistrations clients;
    private final TokenManager tokens;
    private final ProviderCatalogue catalogue;
    private final PublicUrl publicUrl;
    private final CurrentCaller caller;

    ClientResource(
            ClientRegistrations clients,
            TokenManager tokens,
            ProviderCatalogue catalogue,
            PublicUrl publicUrl,
            CurrentCaller caller) {
        this.clients = clients;
        this.tokens = tokens;
        this.catalogue = catalogue;
        this.publicUrl = publicUrl;
        this.caller = caller;
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
        ClientRegistration registration = registration(provider, request);
        return checkMetadata(registration.ownedBy(who.tenant()))
                .chain(() -> tokens.registerProvider(who.tenant(), registration, who.name()))
                .map(this::view);
    }

    /** Refuses variables that lead to the metadata of another issuer. A provider that is away is no reason to refuse. */
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
                .recoverWithUni(failure -> UNUSABLE_METADATA.contains(failure.code())
                        ? Uni.createFrom().failure(InvalidRequest.of("/vars", String.valueOf(failure.getMessage())))
                        : Uni.createFrom().voidItem());
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

    private ClientRegistration registration(String provider, @Nullable ClientRequest request) {
        if (request == null) {
            throw InvalidRequest.of("", "a JSON object is required");
        }
        InputErrors errors = new InputErrors();
        var known = catalogue.find(provider);
        errors.refuse(known.isEmpty(), "provider", InputErrors.UNKNOWN_PROVIDER);
        String clientId = errors.required("/client_id", request.clientId());
        errors.refuse(!clientId.isEmpty() && !isClientId(clientId), "/client_id", CLIENT_ID);
        String secret = request.clientSecret();
        String second = request.secondClientSecret();
        errors.refuse(!isSecret(secret), "/client_secret", SECRET);
        errors.refuse(!isSecret(second), "/second_client_secret", SECRET);
        List<String> scopes = Objects.requireNonNullElse(request.scopes(), List.of());
        Scopes wanted = errors.converted("/scopes", Scopes.NONE, () -> Scopes.of(scopes));
        errors.refuse(wanted.join(" ").length() > MAX_SCOPES, "/scopes", "must have 4096 characters at most, together");
        Map<String, String> vars = Objects.requireNonNullElse(request.vars(), Map.of());
        known.ifPresent(found ->
                found.profile().faultsOf(vars).forEach((name, fault) -> errors.refuse(true, "/vars/" + name, fault)));
        String redirectUri = request.redirectUri();
        errors.refuse(
                redirectUri != null && !isRedirectUri(redirectUri),
                "/redirect_uri",
                "must be an absolute http(s) URL without user information and fragment, 2048 characters at most");
        errors.check();
        return new ClientRegistration(provider, clientId, secret(secret), secret(second), wanted, redirectUri, vars);
    }

    private static @Nullable Secret secret(@Nullable String text) {
        return text == null ? null : Secret.of(text);
    }

    static boolean isClientId(String text) {
        return !text.isEmpty() && isVisible(text, 512);
    }

    /** RFC 6749 section 3.1.2. Only http(s): other schemes could make the browser run a script. */
    private static boolean isRedirectUri(String text) {
        if (text.length() > MAX_REDIRECT_URI) {
            return false;
        }
        try {
            URI uri = new URI(text);
            return ("https".equalsIgnoreCase(uri.getScheme()) || "http".equalsIgnoreCase(uri.getScheme()))
                    && uri.getHost() != null
                    && uri.getRawUserInfo() == null
                    && uri.getRawFragment() == null;
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static boolean isSecret(@Nullable String text) {
        return text == null || (!text.isEmpty() && isVisible(text, 8192));
    }

    private static boolean isVisible(String text, int maxLength) {
        return text.length() <= maxLength && text.chars().allMatch(c -> c >= 0x20 && c < 0x7f);
    }

    private ClientView view(SealedClient client) {
        return new ClientView(
                client.provider(),
                client.clientId(),
                client.clientSecret() != null,
                client.secondSecret() != null,
                client.scopes().values(),
                Objects.requireNonNullElseGet(client.redirectUri(), () -> publicUrl.callback(client.provider())),
                client.vars(),
                client.createdAt(),
                client.updatedAt());
    }
}
