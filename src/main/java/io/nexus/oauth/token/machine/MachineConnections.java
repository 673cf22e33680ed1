package io.nexus.oauth.token.machine;

import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.OidcClientId;
import io.nexus.oauth.credential.SavedCredential;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.provider.reply.TokenResponse;
import io.nexus.oauth.store.CredentialQueries;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.token.TokenManager;
import io.nexus.oauth.token.client.ClientLimiter;
import io.nexus.oauth.token.client.ClientRegistrations;
import io.nexus.oauth.token.client.ProviderClients;
import io.nexus.oauth.token.grant.GrantSealer;
import io.nexus.oauth.token.grant.RefreshConfig;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * Creates machine connections (RFC 6749 section 4.4, RFC 7523 section 2.1): the OAuth client asks for a token of its own or of the
 * subject of its assertion, and no person takes part.
 * The service stores a connection only with its first token, so a stored one is known to work. From then on it is refreshed as
 * every credential.
 */
@ApplicationScoped
public class MachineConnections {

    private static final Duration MIN_RETRY_AFTER = Duration.ofSeconds(1);

    private final TokenManager tokens;
    private final ProviderClients clients;
    private final ClientRegistrations registrations;
    private final CredentialQueries queries;
    private final MachineGrants grants;
    private final GrantSealer sealer;
    private final RefreshConfig config;
    private final CancellationShield shield;

    MachineConnections(
            TokenManager tokens,
            ProviderClients clients,
            ClientRegistrations registrations,
            CredentialQueries queries,
            MachineGrants grants,
            GrantSealer sealer,
            RefreshConfig config,
            CancellationShield shield) {
        this.tokens = tokens;
        this.clients = clients;
        this.registrations = registrations;
        this.queries = queries;
        this.grants = grants;
        this.sealer = sealer;
        this.config = config;
        this.shield = shield;
    }

    /**
     * Asks the provider for a token of {@code account} and stores the connection; an account that is one already gets the new
     * request and token. Non-blocking; runs to its end even if the subscriber cancels. Nothing changes when it fails: with
     * {@link CredentialException.Conflict} for the account of a person; with {@link ProviderException.Misconfigured} when the
     * provider refuses the request, or no confidential client is registered; with {@link ProviderException.Unavailable} when
     * the provider gives no answer now; with {@link CredentialException.Forbidden} when it grants more scopes than {@code
     * limits} allow.
     *
     * @param limits the limits of the caller
     * @param actor the caller, for the audit trail
     * @param onlyNew whether to fail with {@link CredentialException.AlreadyStored} when the account has a credential
     */
    public Uni<SavedCredential> create(
            AccountKey account, TokenRequest request, AccessLimits limits, String actor, boolean onlyNew) {
        OAuthProvider provider = clients.get(account.provider());
        return shield.run(() -> check(account, onlyNew)
                .call(() -> sealer.ensureSealable(account.tenant()))
                .call(present -> MachineGrants.isActive(present)
                        ? Uni.createFrom().voidItem()
                        : queries.requireRoom(account.tenant()))
                .chain(present -> clientOf(account, request)
                        .map(client ->
                                new MachineGrants.Creation(account, provider, client, present, limits, actor, onlyNew)))
                .chain(creation -> create(creation, request)));
    }

    /** A creation that the limiter refuses asks nobody, so it leaves no line in the audit trail: a loop of calls writes none. */
    private Uni<SavedCredential> create(MachineGrants.Creation creation, TokenRequest request) {
        return clients.limiter(creation.account().tenant(), creation.client())
                .chain(limiter -> shield.listen(limiter.enter(Long.MAX_VALUE, config.maxWait())))
                .chain(admission -> switch (admission) {
                    case ClientLimiter.Admitted in ->
                        ask(creation, request, in.permit())
                                .chain(credential -> grants.store(creation, credential))
                                .onFailure()
                                .call(failure -> grants.recordFailure(creation, failure));
                    case ClientLimiter.Refused out ->
                        Uni.createFrom()
                                .failure(
                                        out.misconfigured()
                                                ? refused(creation.provider(), request, out.code())
                                                : unavailable(creation.provider(), out.code(), out.retryAfter()));
                });
    }

    private Uni<ClientRegistration> clientOf(AccountKey account, TokenRequest request) {
        String oidcClient = request.oidcClient();
        return oidcClient == null
                ? registrations.get(account.tenant(), account.provider())
                : registrations.get(account.tenant(), account.provider(), OidcClientId.of(oidcClient), Map.of());
    }

    /**
     * As {@link #create}, for a caller of the tenant. Throws {@link IllegalArgumentException} for a request of an operator's client of
     * the Quarkus OIDC client, which no caller may choose. Fails with {@link CredentialException.Forbidden} when the client is one
     * for all tenants and its operator does not allow machine connections with it: the caller would get the operator's rights. An
     * operator allows no jwt-bearer, whose subject the caller chooses.
     * Fails with {@link CredentialException.TooManyRefreshes} when the present token is younger than the least age of a refresh.
     */
    public Uni<SavedCredential> createForTenant(
            AccountKey account, TokenRequest request, AccessLimits limits, String actor, boolean onlyNew) {
        if (request.oidcClient() != null) {
            throw new IllegalArgumentException("only the configuration names a client of the Quarkus OIDC client");
        }
        return checkForTenant(account, request, onlyNew)
                .invoke(grants::requireInterval)
                .chain(() -> create(account, request, limits, actor, onlyNew));
    }

    /** As {@link #createForTenant}, but asks no provider and changes nothing. Returns the present credential of {@code account}. */
    public Uni<Optional<StoredCredential>> checkForTenant(AccountKey account, TokenRequest request, boolean onlyNew) {
        return registrations
                .get(account.tenant(), account.provider())
                .chain(() -> registrations.allowsMachines(account.tenant(), account.provider(), request.grantType()))
                .invoke(allowed -> {
                    if (!allowed) {
                        throw new CredentialException.Forbidden(
                                "the OAuth client is the operator's, for all tenants: register a client of the tenant, or ask the"
                                        + " operator to allow machine connections with it");
                    }
                })
                .chain(() -> check(account, onlyNew));
    }

    /** The present credential of {@code account}. Fails as {@link #create} does when a machine connection cannot replace it. */
    private Uni<Optional<StoredCredential>> check(AccountKey account, boolean onlyNew) {
        return tokens.findCredential(account)
                .invoke(found -> found.ifPresent(present -> {
                    if (onlyNew) {
                        throw new CredentialException.AlreadyStored();
                    }
                    present.requireKind(true);
                }));
    }

    private static CredentialKey grantOf(MachineGrants.Creation creation) {
        return creation.present()
                .map(StoredCredential::key)
                .orElseGet(() -> new CredentialKey(creation.account().tenant(), UUID.randomUUID()));
    }

    private static Uni<OAuthCredential> ask(
            MachineGrants.Creation creation, TokenRequest request, ClientLimiter.Permit permit) {
        OAuthProvider provider = creation.provider();
        ClientRegistration client = creation.client();
        return provider.requestToken(client, request)
                .invoke(reply -> permit.record(reply, grantOf(creation), false, client))
                .onTermination()
                .invoke(permit::close)
                .map(reply -> switch (reply) {
                    case TokenReply.Granted granted -> credential(client, request, granted.response());
                    case TokenReply.Misconfigured wrong -> throw refused(provider, request, wrong.code());
                    case TokenReply.Rejected refused -> throw refused(provider, request, refused.code());
                    case TokenReply.Refused refused -> throw refused(provider, request, refused.code());
                    case TokenReply.Deferred later ->
                        throw unavailable(
                                provider, later.code(), later.retryAfter().orElse(MIN_RETRY_AFTER));
                    case TokenReply.Unknown unknown -> throw unavailable(provider, unknown.code(), MIN_RETRY_AFTER);
                });
    }

    private static OAuthCredential credential(ClientRegistration client, TokenRequest request, TokenResponse response) {
        return new OAuthCredential(
                Objects.requireNonNull(response.accessToken()),
                null,
                response.tokenType(),
                response.expiresAt(),
                response.expiryAssumed(),
                Objects.requireNonNullElse(response.scopes(), request.scopes()),
                client.clientId(),
                client.vars(),
                null,
                response.metadata(),
                null,
                request);
    }

    private static ProviderException refused(OAuthProvider provider, TokenRequest request, String code) {
        return new ProviderException.Misconfigured(provider.id(), code, MachineRefusals.advice(request, code));
    }

    private static ProviderException unavailable(OAuthProvider provider, String code, Duration retryAfter) {
        return new ProviderException.Unavailable(
                provider.id(), code, retryAfter.compareTo(MIN_RETRY_AFTER) < 0 ? MIN_RETRY_AFTER : retryAfter);
    }
}
