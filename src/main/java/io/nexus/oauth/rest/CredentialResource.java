package io.nexus.oauth.rest;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.CredentialRequest;
import io.nexus.oauth.api.CredentialView;
import io.nexus.oauth.api.Page;
import io.nexus.oauth.api.RevocationView;
import io.nexus.oauth.api.TestView;
import io.nexus.oauth.api.UsageView;
import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialFilter;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.SavedCredential;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.token.CredentialCheck;
import io.nexus.oauth.token.Revocation;
import io.nexus.oauth.token.TokenManager;
import io.nexus.oauth.token.TokenQuery;
import io.nexus.oauth.token.UsageHistory;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Lists, imports, refreshes, tests and revokes credentials. No answer contains a token. */
@Path("/api/v1/credentials")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class CredentialResource {

    private static final int DEFAULT_PAGE_SIZE = 50;
    private static final int MAX_PAGE_SIZE = 200;

    private final TokenManager tokens;
    private final CredentialCheck tests;
    private final UsageHistory usage;
    private final CredentialImport imports;
    private final CurrentCaller caller;
    private final Clock clock;

    CredentialResource(
            TokenManager tokens,
            CredentialCheck tests,
            UsageHistory usage,
            CredentialImport imports,
            CurrentCaller caller,
            Clock clock) {
        this.tokens = tokens;
        this.tests = tests;
        this.usage = usage;
        this.imports = imports;
        this.caller = caller;
        this.clock = clock;
    }

    @GET
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.CONNECTOR})
    public Uni<Page<CredentialView>> list(@BeanParam CredentialQuery query) {
        InputErrors errors = new InputErrors();
        int size = size(errors, query.limit);
        CredentialFilter filter = query.filter(errors, limits(), clock.instant());
        errors.check();
        return tokens.listCredentials(caller.get().tenant(), filter, size + 1)
                .map(found -> page(found, size, filter.order()));
    }

    @POST
    @RolesAllowed(Role.Names.CONNECTOR)
    public Uni<Response> store(
            @Nullable CredentialRequest request,
            @HeaderParam("If-None-Match") @Nullable String ifNoneMatch,
            @QueryParam("dry_run") @Nullable String dryRun) {
        Caller who = caller.get();
        InputErrors errors = new InputErrors();
        errors.refuse(dryRun != null && !dryRun.matches("true|false"), "dry_run", "must be true or false");
        errors.check();
        CredentialSubmission submission = imports.read(who, request);
        boolean onlyNew = "*".equals(ifNoneMatch);
        return "true".equals(dryRun)
                ? submission.check(onlyNew).map(valid -> Response.noContent().build())
                : submission.store(onlyNew).map(this::stored);
    }

    private Response stored(SavedCredential saved) {
        return Response.status(saved.created() ? 201 : 200)
                .header(
                        HttpHeaders.LOCATION,
                        "/api/v1/credentials/" + saved.credential().key().id())
                .entity(view(saved.credential()))
                .build();
    }

    @GET
    @Path("/{id}")
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.CONNECTOR})
    public Uni<CredentialView> get(@PathParam("id") UUID id) {
        return found(id).map(this::view);
    }

    @GET
    @Path("/{id}/usage")
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.CONNECTOR})
    public Uni<Page<UsageView>> usage(
            @PathParam("id") UUID id,
            @QueryParam("limit") @Nullable String limit,
            @QueryParam("cursor") @Nullable String cursor) {
        InputErrors errors = new InputErrors();
        int size = size(errors, limit);
        Optional<LocalDate> before = cursor == null
                ? Optional.empty()
                : errors.converted("cursor", Optional.empty(), () -> Optional.of(Cursor.day(cursor)));
        errors.check();
        return found(id)
                .chain(credential -> usage.days(credential.key(), before, size + 1))
                .map(days -> {
                    List<UsageView> shown = days.stream()
                            .limit(size)
                            .map(day -> new UsageView(day.day(), day.handouts()))
                            .toList();
                    return new Page<>(
                            shown,
                            days.size() > size ? Cursor.before(shown.getLast().day()) : null);
                });
    }

    @POST
    @Path("/{id}/refresh")
    @Consumes(MediaType.WILDCARD)
    @RolesAllowed({Role.Names.CONNECTOR, Role.Names.TENANT_ADMIN})
    public Uni<CredentialView> refresh(@PathParam("id") UUID id) {
        return reachable(id)
                .chain(key -> tokens.refreshCredential(key, TokenQuery.DEFAULT))
                .chain(token -> found(id)
                        .map(credential -> ViewMapper.credential(credential, clock.instant(), token.warning())));
    }

    @POST
    @Path("/{id}/test")
    @Consumes(MediaType.WILDCARD)
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.CONNECTOR})
    public Uni<TestView> test(@PathParam("id") UUID id) {
        return reachable(id)
                .chain(tests::test)
                .map(result -> new TestView(
                        result.works(),
                        result.atProvider().name().toLowerCase(Locale.ROOT),
                        result.token().expiresAt(),
                        result.token().freshness().name().toLowerCase(Locale.ROOT),
                        result.token().warning()));
    }

    @POST
    @Path("/{id}/revoke")
    @Consumes(MediaType.WILDCARD)
    @RolesAllowed({Role.Names.CONNECTOR, Role.Names.TENANT_ADMIN})
    public Uni<RevocationView> revoke(@PathParam("id") UUID id) {
        String actor = caller.get().name();
        return reachable(id).chain(key -> tokens.revokeCredential(key, actor)).map(this::view);
    }

    @DELETE
    @Path("/{id}")
    @Consumes(MediaType.WILDCARD)
    @RolesAllowed({Role.Names.CONNECTOR, Role.Names.TENANT_ADMIN})
    public Uni<RevocationView> delete(@PathParam("id") UUID id) {
        return revoke(id);
    }

    private CredentialKey key(UUID id) {
        return new CredentialKey(caller.get().tenant(), id);
    }

    /** The limits of the caller's roles. Both roles allow every operation of this resource. */
    private AccessLimits limits() {
        return caller.get().limits(Role.CONNECTOR, Role.TENANT_ADMIN);
    }

    /** The credential {@code id}. Fails as not found when it does not exist or is beyond the caller's limits. */
    private Uni<StoredCredential> found(UUID id) {
        AccessLimits limits = limits();
        return tokens.findCredential(key(id))
                .map(found -> found.filter(credential -> limits.covers(credential.account()))
                        .orElseThrow(CredentialException.NotFound::new));
    }

    private Uni<CredentialKey> reachable(UUID id) {
        return limits().isAll() ? Uni.createFrom().item(key(id)) : found(id).map(StoredCredential::key);
    }

    private CredentialView view(StoredCredential credential) {
        return ViewMapper.credential(credential, clock.instant());
    }

    private RevocationView view(Revocation revocation) {
        return new RevocationView(
                view(revocation.credential()), revocation.provider().name().toLowerCase(Locale.ROOT));
    }

    private Page<CredentialView> page(List<StoredCredential> found, int size, CredentialFilter.Order order) {
        List<CredentialView> shown = found.stream().limit(size).map(this::view).toList();
        return new Page<>(shown, found.size() > size ? Cursor.after(found.get(size - 1), order) : null);
    }

    private static int size(InputErrors errors, @Nullable String limit) {
        return limit == null ? DEFAULT_PAGE_SIZE : errors.converted("limit", DEFAULT_PAGE_SIZE, () -> size(limit));
    }

    static int size(String limit) {
        if (!limit.matches("[0-9]{1,4}")) {
            throw new IllegalArgumentException("must be a whole number from 1 to " + MAX_PAGE_SIZE);
        }
        int size = Integer.parseInt(limit);
        if (size < 1 || size > MAX_PAGE_SIZE) {
            throw new IllegalArgumentException("must be a whole number from 1 to " + MAX_PAGE_SIZE);
        }
        return size;
    }
}
