package io.nexus.oauth.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.CredentialRequest;
import io.nexus.oauth.api.ExportRequest;
import io.nexus.oauth.api.ExportedGrant;
import io.nexus.oauth.audit.AuditRecorder;
import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.AccountIdentity;
import io.nexus.oauth.credential.CredentialFilter;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.token.TokenManager;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jboss.resteasy.reactive.RestMulti;
import org.jspecify.annotations.Nullable;

/**
 * Exports the tenant's grants for another installation. Each grant is encrypted with the caller's public key and recorded in the
 * audit trail before it is sent.
 */
@Path("/api/v1/credentials/export")
class CredentialExportResource {

    private final TokenManager tokens;
    private final AuditRecorder audit;
    private final CurrentCaller caller;
    private final ObjectMapper json;
    private final Clock clock;

    CredentialExportResource(
            TokenManager tokens, AuditRecorder audit, CurrentCaller caller, ObjectMapper json, Clock clock) {
        this.tokens = tokens;
        this.audit = audit;
        this.caller = caller;
        this.json = json;
        this.clock = clock;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Produces(AuditExportResource.JSON_LINES)
    @RolesAllowed(Role.Names.EXPORTER)
    public Multi<byte[]> export(@Nullable ExportRequest request) {
        if (request == null) {
            throw InvalidRequest.of("", "a JSON object is required");
        }
        Map<String, Object> jwk = request.publicKey();
        InputErrors errors = new InputErrors();
        errors.refuse(jwk == null, "/public_key", "is required");
        Optional<ExportKey> key = jwk == null
                ? Optional.empty()
                : errors.converted("/public_key", Optional.empty(), () -> Optional.of(ExportKey.of(jwk)));
        CredentialFilter.StateAt state = CredentialQuery.state(errors, "/state", request.state(), clock.instant());
        errors.refuse("revoked".equals(request.state()), "/state", "a revoked credential has nothing to export");
        errors.check();
        Caller who = caller.get();
        AccessLimits limits = who.limits(Role.EXPORTER);
        CredentialFilter filter = new CredentialFilter(request.provider(), request.user(), null, state, limits, null);
        Multi<byte[]> body = tokens.allCredentials(who.tenant(), filter)
                .map(part -> exportable(part, limits))
                .onItem()
                .transformToUniAndConcatenate(part -> sealed(who, key.orElseThrow(), part))
                .filter(lines -> lines.length > 0);
        return RestMulti.fromMultiData(body)
                .header("Cache-Control", "no-store")
                .header("Content-Disposition", "attachment; filename=\"grants.jsonl\"")
                .build();
    }

    /** Omits revoked credentials, those whose tokens the caller's limits do not allow, and those that the configuration alone can make. */
    private static List<StoredCredential> exportable(List<StoredCredential> part, AccessLimits limits) {
        return part.stream()
                .filter(credential -> credential.status() != CredentialStatus.REVOKED)
                .filter(credential -> limits.allows(credential.account(), credential.scopes()))
                .filter(credential ->
                        credential.request() == null || credential.request().oidcClient() == null)
                .toList();
    }

    /** Decrypts and encrypts on worker threads, because both would block an event loop. */
    private Uni<byte[]> sealed(Caller who, ExportKey key, List<StoredCredential> part) {
        return Uni.createFrom()
                .item(part)
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .map(all -> all.stream().map(this::open).toList())
                .call(all -> recordExport(who, key, all))
                .emitOn(Infrastructure.getDefaultWorkerPool())
                .map(all -> all.stream()
                        .map(opened -> line(key, opened))
                        .collect(Collectors.joining("\n")) // the framework adds the line end of an item
                        .getBytes(StandardCharsets.UTF_8));
    }

    private Uni<Void> recordExport(Caller who, ExportKey key, List<Opened> all) {
        Map<StoredCredential, Secret> leaving = new LinkedHashMap<>();
        all.forEach(opened -> opened.grant().ifPresent(grant -> leaving.put(opened.credential(), grant.accessToken())));
        return leaving.isEmpty() ? Uni.createFrom().voidItem() : audit.recordExported(who.name(), key.name(), leaving);
    }

    /** A credential with its decrypted grant; the grant is empty when it cannot be decrypted. */
    private record Opened(StoredCredential credential, Optional<OAuthCredential> grant) {}

    private Opened open(StoredCredential credential) {
        try {
            return new Opened(credential, Optional.of(tokens.open(credential)));
        } catch (CryptoException e) {
            return new Opened(credential, Optional.empty());
        }
    }

    private String line(ExportKey key, Opened opened) {
        StoredCredential credential = opened.credential();
        Optional<String> sealed = opened.grant().map(grant -> key.seal(write(request(credential, grant))));
        return write(new ExportedGrant(
                credential.key().tenant().value(),
                credential.account().provider(),
                credential.account().user(),
                sealed.orElse(null),
                sealed.isPresent() ? null : "credential-unreadable"));
    }

    private static CredentialRequest request(StoredCredential credential, OAuthCredential grant) {
        TokenRequest machine = grant.request();
        return machine == null ? grantOf(credential, grant) : machineOf(credential, machine);
    }

    /** No token: the service that imports it asks the provider with its own OAuth client. */
    private static CredentialRequest machineOf(StoredCredential credential, TokenRequest machine) {
        return new CredentialRequest(
                credential.account().provider(),
                credential.account().user(),
                null,
                null,
                null,
                null,
                null,
                machine.scopes().values(),
                null,
                null,
                null,
                false,
                null,
                machine.grantType().value(),
                machine.audience(),
                machine.resources(),
                machine.subject());
    }

    private static CredentialRequest grantOf(StoredCredential credential, OAuthCredential grant) {
        Secret refresh = grant.refreshToken();
        AccountIdentity identity = grant.identity();
        return new CredentialRequest(
                credential.account().provider(),
                credential.account().user(),
                grant.accessToken().reveal(),
                refresh == null ? null : refresh.reveal(),
                grant.tokenType(),
                grant.expiresAt(),
                null,
                grant.scopes().values(),
                grant.clientId(),
                identity == null ? null : identity.id(),
                identity == null ? null : identity.label(),
                false,
                grant.metadata(),
                null,
                null,
                null,
                null);
    }

    private String write(Object value) {
        try {
            return json.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write a record as JSON", e);
        }
    }
}
