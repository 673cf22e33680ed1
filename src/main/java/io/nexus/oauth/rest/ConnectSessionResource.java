package io.nexus.oauth.rest;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.ConnectSessionRequest;
import io.nexus.oauth.api.ConnectSessionView;
import io.nexus.oauth.connect.ConnectFlow;
import io.nexus.oauth.connect.ConnectSessionWaits;
import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.GrantRequest;
import io.nexus.oauth.credential.Identifiers;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.reply.ReportedAccount;
import io.nexus.oauth.token.TokenManager;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Creates one-time links with which a user connects an account, and shows their status. */
@Path("/api/v1/connect-sessions")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class ConnectSessionResource {

    /** Shorter than the idle timeouts of usual proxies. */
    private static final int MAX_WAIT_S = 30;

    private final ConnectFlow flow;
    private final ConnectSessionWaits waits;
    private final TokenManager tokens;
    private final ProviderCatalogue catalogue;
    private final CurrentCaller caller;
    private final Clock clock;

    ConnectSessionResource(
            ConnectFlow flow,
            ConnectSessionWaits waits,
            TokenManager tokens,
            ProviderCatalogue catalogue,
            CurrentCaller caller,
            Clock clock) {
        this.flow = flow;
        this.waits = waits;
        this.tokens = tokens;
        this.catalogue = catalogue;
        this.caller = caller;
        this.clock = clock;
    }

    @POST
    @RolesAllowed(Role.Names.CONNECTOR)
    public Uni<Response> begin(@Nullable ConnectSessionRequest request) {
        if (request == null) {
            throw InvalidRequest.of("", "a JSON object is required");
        }
        Caller who = caller.get();
        return account(who, request)
                .map(account -> within(who, linkRequest(account, who, request)))
                .chain(link -> tokens.findCredential(link.account())
                        .invoke(found -> found.ifPresent(present -> present.requireKind(false)))
                        .map(found -> isAsked(request)
                                ? link
                                : link.wanting(found.map(StoredCredential::metadata)
                                        .map(GrantRequest::of)
                                        .orElse(GrantRequest.NONE))))
                .chain(flow::begin)
                .map(link -> Response.status(201)
                        .header(
                                HttpHeaders.LOCATION,
                                "/api/v1/connect-sessions/" + link.session().id())
                        .header(HttpHeaders.CACHE_CONTROL, "no-store")
                        .entity(ViewMapper.session(link.session(), link.url(), clock.instant()))
                        .build());
    }

    @GET
    @Path("/{id}")
    @RolesAllowed({Role.Names.CONNECTOR, Role.Names.TENANT_ADMIN})
    public Uni<ConnectSessionView> get(@PathParam("id") UUID id, @QueryParam("wait") @Nullable String wait) {
        InputErrors errors = new InputErrors();
        Duration longest = errors.seconds("wait", wait, MAX_WAIT_S).orElse(Duration.ZERO);
        errors.check();
        Caller who = caller.get();
        AccessLimits limits = who.limits(Role.CONNECTOR, Role.TENANT_ADMIN);
        return waits.await(who.tenant(), id, longest)
                .map(found -> found.filter(session -> limits.covers(session.account()))
                        .orElseThrow(NotFoundException::new))
                .map(session -> ViewMapper.session(session, null, clock.instant()));
    }

    /** Checks the caller's limits. A caller with limited scopes must name scopes: the client's default may exceed them. */
    private static ConnectFlow.Request within(Caller who, ConnectFlow.Request requested) {
        if (!who.limits(Role.CONNECTOR).allows(requested.account(), requested.scopes())) {
            throw new CredentialException.Forbidden(InputErrors.OUTSIDE_ACCESS_LIMITS);
        }
        // other rights than scopes are outside of every limit to scopes
        if (requested.wanted().authorizationDetails() != null
                && !who.limits(Role.CONNECTOR).allows(requested.account(), Scopes.NONE)) {
            throw new CredentialException.Forbidden(InputErrors.OUTSIDE_ACCESS_LIMITS);
        }
        return requested;
    }

    /** Whether the caller says what the link asks for beside scopes; an empty list says that it asks for nothing. */
    private static boolean isAsked(ConnectSessionRequest request) {
        return request.resource() != null || request.authorizationDetails() != null;
    }

    private static GrantRequest wanted(InputErrors errors, ConnectSessionRequest request) {
        List<String> asked = Objects.requireNonNullElse(request.resource(), List.of());
        List<Map<String, Object>> details = Objects.requireNonNullElse(request.authorizationDetails(), List.of());
        List<String> resources = errors.converted("/resource", List.of(), () -> TokenRequest.checkResources(asked));
        String text = errors.converted("/authorization_details", "", () -> AuthorizationDetails.text(details));
        return new GrantRequest(resources, details.isEmpty() || text.isEmpty() ? null : text);
    }

    private ConnectFlow.Request linkRequest(AccountKey account, Caller who, ConnectSessionRequest request) {
        InputErrors errors = new InputErrors();
        List<String> asked = Objects.requireNonNullElse(request.scopes(), List.of());
        Scopes scopes = errors.converted("/scopes", Scopes.NONE, () -> Scopes.of(asked));
        Long seconds = request.expiresIn();
        errors.refuse(
                seconds != null
                        && (seconds < ConnectSessionRequest.MIN_EXPIRES_IN
                                || seconds > ConnectSessionRequest.MAX_EXPIRES_IN),
                "/expires_in",
                "must be " + ConnectSessionRequest.MIN_EXPIRES_IN + " to " + ConnectSessionRequest.MAX_EXPIRES_IN
                        + " seconds");
        errors.refuse(
                request.origin() != null && request.returnUrl() != null,
                "/origin",
                "must not be combined with return_url");
        Optional<String> expected = errors.converted(
                "/expected_account", Optional.empty(), () -> expectedAccount(account, request.expectedAccount()));
        GrantRequest wanted = wanted(errors, request);
        errors.check();
        return new ConnectFlow.Request(
                account,
                scopes,
                request.returnUrl(),
                request.origin(),
                request.acceptOtherAccount(),
                expected.orElse(null),
                wanted,
                Optional.ofNullable(seconds).map(Duration::ofSeconds),
                who.name());
    }

    private Optional<String> expectedAccount(AccountKey account, @Nullable String expected) {
        if (expected == null) {
            return Optional.empty();
        }
        ProviderProfile.Identity identity =
                catalogue.get(account.provider()).profile().identity();
        if (identity.id() == null) {
            throw new IllegalArgumentException(
                    "must be left out: the provider does not tell the service which account the user connects");
        }
        if (identity.email() == null && ReportedAccount.isAddress(expected)) {
            throw new IllegalArgumentException(
                    "must be the id of the account at this provider: its e-mail addresses are not verified");
        }
        return Optional.of(Identifiers.check("account", expected, ConnectSessionRequest.MAX_ACCOUNT_LENGTH));
    }

    private Uni<AccountKey> account(Caller who, ConnectSessionRequest request) {
        UUID id = request.credentialId();
        if (id != null) {
            return reconnected(who, id, request);
        }
        InputErrors errors = new InputErrors();
        Optional<AccountKey> account = errors.account(catalogue, who.tenant(), request.provider(), request.user());
        errors.check();
        return Uni.createFrom().item(account.orElseThrow());
    }

    private Uni<AccountKey> reconnected(Caller who, UUID id, ConnectSessionRequest request) {
        if (request.provider() != null || request.user() != null) {
            throw InvalidRequest.of("/credential_id", "must not be combined with provider or user");
        }
        AccessLimits limits = who.limits(Role.CONNECTOR);
        return tokens.findCredential(new CredentialKey(who.tenant(), id))
                .map(found -> found.map(StoredCredential::account)
                        .filter(limits::covers)
                        .orElseThrow(CredentialException.NotFound::new));
    }
}
