package io.nexus.oauth.rest;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.AuditEntryView;
import io.nexus.oauth.api.AuditLookupRequest;
import io.nexus.oauth.api.AuditVerificationView;
import io.nexus.oauth.api.Page;
import io.nexus.oauth.audit.AuditReader;
import io.nexus.oauth.audit.ChainVerifier;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.event.AuditFilter;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Lists, searches and verifies the audit trail. */
@Path("/api/v1/audit")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class AuditResource {

    private static final int DEFAULT_PAGE_SIZE = 50;
    private static final int MAX_TOKEN_LENGTH = 16_384;

    /** The entries that one request verifies, so that it ends before its connection times out. */
    private static final int MAX_VERIFIED_ENTRIES = 100_000;

    private final AuditReader audit;
    private final ChainVerifier verifier;
    private final CurrentCaller caller;

    AuditResource(AuditReader audit, ChainVerifier verifier, CurrentCaller caller) {
        this.audit = audit;
        this.verifier = verifier;
        this.caller = caller;
    }

    /** Lists the entries that match {@code query} and that the caller may see. */
    @GET
    @RolesAllowed({Role.Names.AUDITOR, Role.Names.TENANT_ADMIN})
    public Uni<Page<AuditEntryView>> list(@BeanParam AuditQuery query, @QueryParam("limit") @Nullable String limit) {
        InputErrors errors = new InputErrors();
        int size = limit == null
                ? DEFAULT_PAGE_SIZE
                : errors.converted("limit", DEFAULT_PAGE_SIZE, () -> CredentialResource.size(limit));
        Caller who = caller.get();
        AuditFilter filter = query.filter(errors).within(who.limits(Role.AUDITOR, Role.TENANT_ADMIN));
        errors.check();
        return audit.page(who.tenant(), filter, size + 1).map(found -> {
            List<AuditEntryView> shown =
                    found.stream().limit(size).map(ViewMapper::audit).toList();
            String next = found.size() > size ? String.valueOf(shown.getLast().id()) : null;
            return new Page<>(shown, next);
        });
    }

    @POST
    @Path("/lookup")
    @RolesAllowed(Role.Names.AUDITOR)
    public Uni<Page<AuditEntryView>> lookUp(@Nullable AuditLookupRequest request) {
        InputErrors errors = new InputErrors();
        String token = errors.required("/token", request == null ? null : request.token());
        errors.refuse(
                token.length() > MAX_TOKEN_LENGTH || !token.chars().allMatch(c -> c >= 0x20 && c < 0x7f),
                "/token",
                "must be visible ASCII characters, " + MAX_TOKEN_LENGTH + " at most");
        errors.check();
        Caller who = caller.get();
        return audit.lookUp(who.tenant(), Secret.of(token), who.limits(Role.AUDITOR))
                .map(found -> new Page<>(found.stream().map(ViewMapper::audit).toList(), null));
    }

    @GET
    @Path("/verify")
    @RolesAllowed(Role.Names.AUDITOR)
    public Uni<AuditVerificationView> verify(
            @QueryParam("anchor") @Nullable String anchor, @QueryParam("cursor") @Nullable String cursor) {
        requireWholeTrail(caller.get());
        InputErrors errors = new InputErrors();
        Optional<ChainVerifier.Anchor> known = anchor == null
                ? Optional.empty()
                : errors.converted("anchor", Optional.empty(), () -> Optional.of(ChainVerifier.Anchor.parse(anchor)));
        long after = cursor == null ? 0 : errors.converted("cursor", 0L, () -> AuditQuery.number(cursor));
        errors.check();
        return verifier.verify(known, after, MAX_VERIFIED_ENTRIES).map(ViewMapper::verification);
    }

    /** The chain covers the entries of all tenants, so its length and its end reveal activity of other tenants. */
    private static void requireWholeTrail(Caller who) {
        if (!who.hasInEveryTenant(Role.AUDITOR) && !who.hasInEveryTenant(Role.ADMIN)) {
            throw new CredentialException.Forbidden(
                    "verifying the trail needs the role auditor or admin for all tenants");
        }
    }
}
