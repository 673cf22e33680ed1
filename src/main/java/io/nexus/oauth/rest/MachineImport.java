package io.nexus.oauth.rest;

import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.CredentialRequest;
import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.GrantType;
import io.nexus.oauth.credential.Identifiers;
import io.nexus.oauth.credential.SavedCredential;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.token.machine.MachineConnections;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Validates a request for a machine connection. */
@ApplicationScoped
class MachineImport {

    private static final String BY_PROVIDER =
            "must not come with grant_type client_credentials: the service gets it from the provider";

    private final ProviderCatalogue catalogue;
    private final MachineConnections machines;

    MachineImport(ProviderCatalogue catalogue, MachineConnections machines) {
        this.catalogue = catalogue;
        this.machines = machines;
    }

    /** Whether {@code request} asks for a machine connection. Adds the errors of a field that only such a request has. */
    static boolean isMeant(InputErrors errors, CredentialRequest request) {
        String text = request.grantType();
        GrantType type = text == null
                ? GrantType.AUTHORIZATION_CODE
                : errors.converted("/grant_type", GrantType.AUTHORIZATION_CODE, () -> GrantType.of(text));
        boolean machine = type == GrantType.CLIENT_CREDENTIALS;
        String needed = "needs grant_type client_credentials";
        errors.refuse(!machine && request.audience() != null, "/audience", needed);
        errors.refuse(!machine && request.resource() != null, "/resource", needed);
        return machine;
    }

    /** The machine connection in {@code request}. Throws {@link InvalidRequest} with all its errors. */
    CredentialSubmission read(InputErrors errors, Caller who, CredentialRequest request) {
        Optional<AccountKey> account = errors.account(catalogue, who.tenant(), request.provider(), request.user());
        given(request).forEach((name, value) -> errors.refuse(value != null, name, BY_PROVIDER));
        List<String> scopes = Objects.requireNonNullElse(request.scopes(), List.of());
        List<String> resources = Objects.requireNonNullElse(request.resource(), List.of());
        String audience = request.audience();
        Scopes wanted = errors.converted("/scopes", Scopes.NONE, () -> TokenRequest.checkScopes(Scopes.of(scopes)));
        if (audience != null) {
            errors.converted("/audience", "", () -> Identifiers.check("audience", audience, TokenRequest.MAX_LENGTH));
        }
        errors.converted("/resource", List.<String>of(), () -> TokenRequest.checkResources(resources));
        errors.check();
        AccessLimits limits = who.limits(Role.CONNECTOR);
        if (!limits.allows(account.orElseThrow(), wanted)) {
            throw new CredentialException.Forbidden(InputErrors.OUTSIDE_ACCESS_LIMITS);
        }
        return new Submission(account.get(), new TokenRequest(wanted, audience, resources), limits, who.name());
    }

    private static Map<String, @Nullable Object> given(CredentialRequest request) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("/access_token", request.accessToken());
        fields.put("/refresh_token", request.refreshToken());
        fields.put("/token_type", request.tokenType());
        fields.put("/expires_at", request.expiresAt());
        fields.put("/expires_in", request.expiresIn());
        fields.put("/client_id", request.clientId());
        fields.put("/account_id", request.accountId());
        fields.put("/account_label", request.accountLabel());
        fields.put("/metadata", request.metadata());
        return fields;
    }

    private final class Submission implements CredentialSubmission {
        private final AccountKey account;
        private final TokenRequest request;
        private final AccessLimits limits;
        private final String actor;

        private Submission(AccountKey account, TokenRequest request, AccessLimits limits, String actor) {
            this.account = account;
            this.request = request;
            this.limits = limits;
            this.actor = actor;
        }

        @Override
        public Uni<?> check(boolean onlyNew) {
            return machines.check(account, onlyNew);
        }

        @Override
        public Uni<SavedCredential> store(boolean onlyNew) {
            return machines.createForTenant(account, request, limits, actor, onlyNew);
        }
    }
}
