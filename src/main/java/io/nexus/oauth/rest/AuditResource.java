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
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The tenant's audit trail. */
@Path("/api/v1/audit")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@Tag(name = "audit")
public class AuditResource {

    private static final int PAGE = 50;
    private static final int LONGEST_TOKEN = 16_384;

    /** So that a verification of a long trail ends before its connection does. */
    private static final int VERIFIED_AT_ONCE = 100_000;

    private final AuditReader audit;
    private final ChainVerifier verifier;
    private final CurrentCaller caller;

    AuditResource(AuditReader audit, ChainVerifier verifier, CurrentCaller caller) {
        this.audit = audit;
        this.verifier = verifier;
        this.caller = caller;
    }

    /** What is asked for, of what the caller may see. */
    @GET
    @RolesAllowed({Role.Names.AUDITOR, Role.Names.TENANT_ADMIN})
    @Operation(
            summary =
                    "The audit trail, the oldest first unless order=newest; cursor: the number of the last entry seen")
    public Uni<Page<AuditEntryView>> list(@BeanParam AuditQuery query, @QueryParam("limit") @Nullable String limit) {
        InputErrors errors = new InputErrors();
        int size = limit == null ? PAGE : errors.converted("limit", PAGE, () -> CredentialResource.size(limit));
        Caller who = caller.get();
        AuditFilter filter = query.filter(errors).within(who.reach(Role.AUDITOR, Role.TENANT_ADMIN));
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
    @Operation(summary = "Who was given this token, and when: one line for each caller and minute, a thousand at most")
    public Uni<Page<AuditEntryView>> lookUp(@Nullable AuditLookupRequest request) {
        InputErrors errors = new InputErrors();
        String token = errors.required("/token", request == null ? null : request.token());
        errors.refuse(
                token.length() > LONGEST_TOKEN || !token.chars().allMatch(c -> c >= 0x20 && c < 0x7f),
                "/token",
                "must be visible ASCII characters, " + LONGEST_TOKEN + " at most");
        errors.check();
        Caller who = caller.get();
        return audit.lookUp(who.tenant(), Secret.of(token), who.reach(Role.AUDITOR))
                .map(found -> new Page<>(found.stream().map(ViewMapper::audit).toList(), null));
    }

    @GET
    @Path("/verify")
    @RolesAllowed(Role.Names.AUDITOR)
    @Operation(
            summary = "Whether the trail of all tenants is as it was written",
            description =
                    "anchor: that of an earlier verification, or of the log; shows what was cut off the end. A long trail is"
                            + " verified in parts: go on with next as cursor")
    public Uni<AuditVerificationView> verify(
            @QueryParam("anchor") @Nullable String anchor, @QueryParam("cursor") @Nullable String cursor) {
        requireWholeTrail(caller.get());
        InputErrors errors = new InputErrors();
        Optional<ChainVerifier.Anchor> known = anchor == null
                ? Optional.empty()
                : errors.converted("anchor", Optional.empty(), () -> Optional.of(ChainVerifier.Anchor.parse(anchor)));
        long after = cursor == null ? 0 : errors.converted("cursor", 0L, () -> AuditQuery.number(cursor));
        errors.check();
        return verifier.verify(known, after, VERIFIED_AT_ONCE).map(ViewMapper::verification);
    }

    /** The chain runs through the lines of all tenants: its length and its end tell of the others. */
    private static void requireWholeTrail(Caller who) {
        if (!who.hasEverywhere(Role.AUDITOR) && !who.hasEverywhere(Role.ADMIN)) {
            throw new CredentialException.BeyondReach("the whole trail is for an auditor of every tenant");
        }
    }
}
