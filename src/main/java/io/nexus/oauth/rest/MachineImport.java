package io.nexus.oauth.rest;

import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.CredentialRequest;
import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.GrantType;
import io.nexus.oauth.credential.SavedCredential;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.catalogue.MachineGrantRules;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.token.machine.MachineConnections;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Validates a request for a machine connection. */
@ApplicationScoped
class MachineImport {

    private final ProviderCatalogue catalogue;
    private final MachineConnections machines;

    MachineImport(ProviderCatalogue catalogue, MachineConnections machines) {
        this.catalogue = catalogue;
        this.machines = machines;
    }

    /** The grant that {@code request} asks for. Adds the errors of a field that the request of another grant has. */
    static GrantType grant(InputErrors errors, CredentialRequest request) {
        String text = request.grantType();
        GrantType type = text == null
                ? GrantType.AUTHORIZATION_CODE
                : errors.converted("/grant_type", GrantType.AUTHORIZATION_CODE, () -> GrantType.of(text));
        String needed = "needs grant_type client_credentials or " + GrantType.JWT_BEARER.value();
        errors.refuse(!type.isMachine() && request.audience() != null, "/audience", needed);
        errors.refuse(!type.isMachine() && request.resource() != null, "/resource", needed);
        errors.refuse(
                type != GrantType.JWT_BEARER && request.subject() != null,
                "/subject",
                "needs grant_type " + GrantType.JWT_BEARER.value());
        return type;
    }

    /** The machine connection in {@code request}. Throws {@link InvalidRequest} with all its errors. */
    CredentialSubmission read(InputErrors errors, Caller who, GrantType type, CredentialRequest request) {
        Optional<AccountKey> account = errors.account(catalogue, who.tenant(), request.provider(), request.user());
        String byProvider = "must not come with grant_type " + type.value() + ": the service gets it from the provider";
        given(request).forEach((name, value) -> errors.refuse(value != null, name, byProvider));
        TokenRequest wanted = wanted(errors, type, request);
        account.map(AccountKey::provider)
                .flatMap(catalogue::find)
                .ifPresent(provider -> checkProvider(errors, provider.profile(), wanted, request.subject()));
        errors.check();
        AccessLimits limits = who.limits(Role.CONNECTOR);
        // a subject is a user of the provider, whom no limit of the user's name covers
        boolean choosesUser = wanted.subject() != null
                && !limits.coversEveryUserOf(account.orElseThrow().provider());
        if (choosesUser || !limits.allows(account.orElseThrow(), wanted.scopes())) {
            throw new CredentialException.Forbidden(InputErrors.OUTSIDE_ACCESS_LIMITS);
        }
        return new Submission(account.get(), wanted, limits, who.name());
    }

    /** The request without what is an error. */
    private static TokenRequest wanted(InputErrors errors, GrantType type, CredentialRequest request) {
        List<String> scopes = Objects.requireNonNullElse(request.scopes(), List.of());
        List<String> resources = Objects.requireNonNullElse(request.resource(), List.of());
        return new TokenRequest(
                type,
                errors.converted("/scopes", Scopes.NONE, () -> TokenRequest.checkScopes(Scopes.of(scopes))),
                optional(errors, "/audience", request.audience(), TokenRequest::checkAudience),
                errors.converted("/resource", List.of(), () -> TokenRequest.checkResources(resources)),
                type == GrantType.JWT_BEARER
                        ? optional(errors, "/subject", request.subject(), TokenRequest::checkSubject)
                        : null);
    }

    private static @Nullable String optional(
            InputErrors errors, String pointer, @Nullable String text, UnaryOperator<String> check) {
        return text == null
                ? null
                : errors.converted(pointer, Optional.<String>empty(), () -> Optional.of(check.apply(text)))
                        .orElse(null);
    }

    private static void checkProvider(
            InputErrors errors, ProviderProfile profile, TokenRequest wanted, @Nullable String subject) {
        GrantType type = wanted.grantType();
        errors.converted("/grant_type", type, () -> MachineGrantRules.check(profile, type));
        errors.converted(
                "/scopes", wanted.scopes(), () -> MachineGrantRules.checkScopes(profile, type, wanted.scopes()));
        MachineGrantRules.targetFault(profile, type).ifPresent(fault -> {
            errors.refuse(wanted.audience() != null, "/audience", fault);
            errors.refuse(!wanted.resources().isEmpty(), "/resource", fault);
        });
        boolean known = Objects.equals(subject, wanted.subject()); // else it has an error already
        if (type == GrantType.JWT_BEARER && known) {
            errors.converted("/subject", type, () -> {
                MachineGrantRules.checkSubject(profile, subject);
                return type;
            });
        }
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
            return machines.checkForTenant(account, request, onlyNew);
        }

        @Override
        public Uni<SavedCredential> store(boolean onlyNew) {
            return machines.createForTenant(account, request, limits, actor, onlyNew);
        }
    }
}
