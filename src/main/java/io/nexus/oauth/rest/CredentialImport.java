package io.nexus.oauth.rest;

import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.CredentialRequest;
import io.nexus.oauth.credential.AccountIdentity;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.GrantRequest;
import io.nexus.oauth.credential.GrantType;
import io.nexus.oauth.credential.Identifiers;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.OidcClientId;
import io.nexus.oauth.credential.SavedCredential;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.token.TokenManager;
import io.nexus.oauth.token.client.ClientRegistrations;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Validates a grant that a caller imports. */
@ApplicationScoped
class CredentialImport {

    private static final int MAX_TOKEN_LENGTH = 16 * 1024;
    private static final int MAX_NAME_LENGTH = 254;
    private static final int MAX_METADATA_ENTRIES = 32;
    private static final int MAX_METADATA_NAME = 64;
    private static final int MAX_METADATA_LENGTH = 2048;
    private static final long MAX_LIFETIME = Duration.ofDays(3650).toSeconds();

    private final ProviderCatalogue catalogue;
    private final ClientRegistrations clients;
    private final TokenManager tokens;
    private final MachineImport machines;
    private final Clock clock;

    CredentialImport(
            ProviderCatalogue catalogue,
            ClientRegistrations clients,
            TokenManager tokens,
            MachineImport machines,
            Clock clock) {
        this.catalogue = catalogue;
        this.clients = clients;
        this.tokens = tokens;
        this.machines = machines;
        this.clock = clock;
    }

    /**
     * The grant or machine connection in {@code request}. Throws {@link InvalidRequest} with all its errors, and {@link
     * CredentialException.Forbidden} when it is beyond the limits of {@code who}.
     */
    CredentialSubmission read(Caller who, @Nullable CredentialRequest request) {
        if (request == null) {
            throw InvalidRequest.of("", "a JSON object is required");
        }
        InputErrors errors = new InputErrors();
        GrantType type = MachineImport.grant(errors, request);
        if (type.isMachine()) {
            return machines.read(errors, who, type, request);
        }
        Optional<AccountKey> account = errors.account(catalogue, who.tenant(), request.provider(), request.user());
        errors.refuse(
                request.expiresAt() != null && request.expiresIn() != null,
                "/expires_in",
                "use either expires_at or expires_in, not both");
        Optional<OAuthCredential> credential = credential(errors, request);
        errors.check();
        if (!who.limits(Role.CONNECTOR)
                .allows(account.orElseThrow(), credential.orElseThrow().scopes())) {
            throw new CredentialException.Forbidden(InputErrors.OUTSIDE_ACCESS_LIMITS);
        }
        return new Grant(account.get(), credential.get(), who.name(), request.acceptOtherAccount());
    }

    /** The grant's credential with the registered client and its variables, unless the grant names another client. */
    private Uni<OAuthCredential> withClient(Grant grant) {
        OAuthCredential credential = grant.credential;
        String named = credential.clientId();
        return clients.find(grant.account.tenant(), grant.account.provider())
                .map(client -> client.filter(found -> named == null || named.equals(found.clientId()))
                        .map(found -> credential.withClient(found.clientId(), found.vars()))
                        .orElse(credential));
    }

    private Optional<OAuthCredential> credential(InputErrors errors, CredentialRequest request) {
        Optional<Secret> access =
                token(errors, "/access_token", errors.required("/access_token", request.accessToken()));
        Optional<Secret> refresh = request.refreshToken() == null
                ? Optional.empty()
                : token(errors, "/refresh_token", errors.required("/refresh_token", request.refreshToken()));
        Optional<Instant> expiry = Optional.ofNullable(expiresAt(errors, request));
        List<String> scopes = Objects.requireNonNullElse(request.scopes(), List.of());
        Scopes granted = errors.converted("/scopes", Scopes.NONE, () -> Scopes.of(scopes));
        Map<String, String> metadata = Objects.requireNonNullElse(request.metadata(), Map.of());
        errors.refuse(
                !isValid(metadata),
                "/metadata",
                "must have " + MAX_METADATA_ENTRIES + " entries at most, with names of 1 to " + MAX_METADATA_NAME
                        + " visible ASCII characters and values of " + MAX_METADATA_LENGTH + " characters at most");
        errors.converted("/metadata", GrantRequest.NONE, () -> GrantRequest.check(metadata));
        String client = request.clientId();
        errors.refuse(client != null && !ClientInput.isClientId(client), "/client_id", ClientInput.CLIENT_ID);
        errors.refuse(client != null && OidcClientId.isReserved(client), "/client_id", ClientInput.RESERVED_CLIENT_ID);
        String type = Objects.requireNonNullElse(request.tokenType(), OAuthCredential.BEARER);
        errors.refuse(
                !type.matches("[A-Za-z0-9_-]{1,32}"),
                "/token_type",
                "must be 1 to 32 letters, digits, underscores or hyphens, for example Bearer");
        return access.map(token -> new OAuthCredential(
                token,
                refresh.orElse(null),
                type.equalsIgnoreCase(OAuthCredential.BEARER) ? OAuthCredential.BEARER : type,
                expiry.orElse(null),
                false,
                granted,
                client,
                Map.of(),
                identity(errors, request),
                metadata,
                null,
                null));
    }

    private @Nullable Instant expiresAt(InputErrors errors, CredentialRequest request) {
        Long seconds = request.expiresIn();
        if (seconds == null) {
            Instant at = request.expiresAt();
            Instant latest = clock.instant().plusSeconds(MAX_LIFETIME);
            boolean sensible = at == null || (!at.isBefore(Instant.EPOCH) && !at.isAfter(latest));
            errors.refuse(!sensible, "/expires_at", "must be from 1970 to ten years from now");
            return at;
        }
        errors.refuse(
                seconds < 0 || seconds > MAX_LIFETIME,
                "/expires_in",
                "must be a whole number of seconds from 0 to " + MAX_LIFETIME);
        return clock.instant().plusSeconds(Math.clamp(seconds, 0, MAX_LIFETIME));
    }

    private static @Nullable AccountIdentity identity(InputErrors errors, CredentialRequest request) {
        String id = request.accountId();
        String label = request.accountLabel();
        errors.refuse(id == null && label != null, "/account_label", "needs an account_id, too");
        if (id == null) {
            return null;
        }
        return new AccountIdentity(
                errors.converted("/account_id", "", () -> Identifiers.check("account_id", id, MAX_NAME_LENGTH)),
                label == null
                        ? null
                        : errors.converted(
                                "/account_label",
                                "",
                                () -> Identifiers.check("account_label", label, MAX_NAME_LENGTH)));
    }

    private static boolean isValid(Map<String, String> metadata) {
        return metadata.size() <= MAX_METADATA_ENTRIES
                && metadata.entrySet().stream()
                        .allMatch(entry -> entry.getKey().matches("[ -~]{1," + MAX_METADATA_NAME + "}")
                                && entry.getValue().length() <= MAX_METADATA_LENGTH
                                && entry.getValue().indexOf(0) < 0);
    }

    /** A token of visible ASCII characters, as the header {@code Authorization} requires (RFC 6750 section 2.1). */
    private static Optional<Secret> token(InputErrors errors, String pointer, String text) {
        if (text.isEmpty()) {
            return Optional.empty();
        }
        boolean fit = text.length() <= MAX_TOKEN_LENGTH && text.chars().allMatch(c -> c > 0x20 && c < 0x7f);
        errors.refuse(!fit, pointer, "must be visible ASCII characters, " + MAX_TOKEN_LENGTH + " at most");
        return Optional.of(Secret.of(text));
    }

    private final class Grant implements CredentialSubmission {
        private final AccountKey account;
        private final OAuthCredential credential;
        private final String actor;
        private final boolean acceptOtherAccount;

        private Grant(AccountKey account, OAuthCredential credential, String actor, boolean acceptOtherAccount) {
            this.account = account;
            this.credential = credential;
            this.actor = actor;
            this.acceptOtherAccount = acceptOtherAccount;
        }

        @Override
        public Uni<?> check(boolean onlyNew) {
            return tokens.findCredential(account)
                    .invoke(found -> found.ifPresent(present -> {
                        if (onlyNew) {
                            throw new CredentialException.AlreadyStored();
                        }
                        present.requireKind(false);
                    }));
        }

        @Override
        public Uni<SavedCredential> store(boolean onlyNew) {
            return withClient(this)
                    .chain(known -> onlyNew
                            ? tokens.storeNewCredential(account, known, actor)
                            : tokens.storeCredential(account, known, actor, acceptOtherAccount));
        }
    }
}
