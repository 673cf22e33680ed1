package io.nexus.oauth.connect;

import io.nexus.oauth.credential.ConnectSession;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.crypto.OneTimeSecrets;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.event.Activity;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.ProviderException;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.provider.reply.TokenResponse;
import io.nexus.oauth.store.ConnectSessionStore;
import io.nexus.oauth.store.ConnectSessionStore.Consumed;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.token.TokenManager;
import io.nexus.oauth.token.client.ClientRegistrations;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * The browser's way back (RFC 6749 section 4.1.2). The state is used up before the code is traded, so of any number of equal
 * callbacks one exchanges. From there on the work goes on even when the browser leaves: a traded code exists once.
 */
@ApplicationScoped
public class ConnectCallback {

    private static final Duration FIRST_RETRY = Duration.ofMillis(100);
    private static final Duration LAST_RETRY = Duration.ofSeconds(2);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ConnectSessionStore sessions;
    private final ProviderCatalogue catalogue;
    private final ClientRegistrations clients;
    private final TokenManager tokens;
    private final SecretSealer sealer;
    private final OneTimeSecrets secrets;
    private final CancellationShield shield;
    private final Event<Activity> activity;

    ConnectCallback(
            ConnectSessionStore sessions,
            ProviderCatalogue catalogue,
            ClientRegistrations clients,
            TokenManager tokens,
            SecretSealer sealer,
            OneTimeSecrets secrets,
            CancellationShield shield,
            Event<Activity> activity) {
        this.sessions = sessions;
        this.catalogue = catalogue;
        this.clients = clients;
        this.tokens = tokens;
        this.sealer = sealer;
        this.secrets = secrets;
        this.shield = shield;
        this.activity = activity;
    }

    /**
     * Ends a flow with what the provider sent the browser back with. The result is the ended session, connected or failed. Fails
     * with {@link ConnectException.InvalidState} when the answer does not belong to a flow of this browser; then nothing changes
     * and the code is not traded.
     *
     * @param provider the provider in the path of the callback
     * @param parameters the callback's query
     * @param browser the browser's cookie, if it has one
     */
    public Uni<ConnectSession> complete(String provider, Map<String, String> parameters, Optional<Secret> browser) {
        String state = parameters.getOrDefault("state", "");
        if (state.isEmpty() || browser.isEmpty() || catalogue.find(provider).isEmpty()) {
            return mismatch(provider);
        }
        return shield.run(() -> sessions.consume(
                        secrets.digest(Secret.of(state)), provider, secrets.digest(browser.get()))
                .chain(consumed -> consumed.isPresent()
                        ? exchange(catalogue.get(provider), consumed.get(), parameters)
                        : mismatch(provider)));
    }

    private Uni<ConnectSession> mismatch(String provider) {
        String known = catalogue.find(provider).map(OAuthProvider::id).orElse("other");
        activity.fire(new Activity.Connect(known, "state_mismatch", Duration.ZERO));
        return Uni.createFrom().failure(new ConnectException.InvalidState());
    }

    private Uni<ConnectSession> exchange(OAuthProvider provider, Consumed consumed, Map<String, String> parameters) {
        long begun = System.nanoTime();
        return patiently(sessions.byId(consumed.sessionId()))
                .map(Optional::orElseThrow)
                .chain(session -> clients.get(session.account().tenant(), provider.id())
                        .chain(client -> trade(new Arrival(provider, client, session, consumed, parameters)))
                        .onFailure(ConnectCallback::isExpected)
                        .recoverWithItem(failure -> Ending.failed(code(failure)))
                        .chain(ending -> end(session, ending, begun)));
    }

    private Uni<Ending> trade(Arrival arrival) {
        Map<String, String> parameters = arrival.parameters();
        if (parameters.containsKey("error")) {
            return ended("access_denied".equals(parameters.get("error")) ? "access_denied" : "provider_error");
        }
        String code = parameters.getOrDefault("code", "");
        if (code.isEmpty()) {
            return ended("no_code");
        }
        // other variables lead to another host, where neither the code nor the client's secret belongs
        if (!arrival.client().vars().equals(arrival.consumed().clientVars())) {
            return ended(ProviderException.Misconfigured.CLIENT_CHANGED);
        }
        return isFromIssuer(arrival)
                .chain(right -> right ? exchangeCode(arrival, Secret.of(code)) : ended("issuer_mismatch"));
    }

    /** RFC 9207: an answer that names another issuer belongs to another server. */
    private static Uni<Boolean> isFromIssuer(Arrival arrival) {
        String issuer = arrival.parameters().get("iss");
        return issuer == null ? Uni.createFrom().item(true) : arrival.provider().isIssuer(arrival.client(), issuer);
    }

    private Uni<Ending> exchangeCode(Arrival arrival, Secret code) {
        ConnectSession session = arrival.session();
        Secret verifier = sealer.unseal(
                arrival.consumed().codeVerifier(),
                ConnectSession.verifierPlace(
                        session.account().tenant(),
                        session.id(),
                        arrival.consumed().clientVars()));
        return arrival.provider()
                .exchangeCode(
                        arrival.client(),
                        new OAuthProvider.CodeExchange(code, arrival.consumed().redirectUri(), verifier),
                        arrival.parameters())
                .chain(reply -> reply instanceof TokenReply.Granted granted
                                && granted.response().accessToken() != null
                        ? keep(arrival, credential(arrival, granted.response()))
                        : ended(reply.code()));
    }

    private Uni<Ending> keep(Arrival arrival, OAuthCredential credential) {
        ConnectSession session = arrival.session();
        return arrival.provider()
                .identity(arrival.client(), credential)
                .chain(identity -> identity.isPresent()
                        ? store(session, credential.withIdentity(identity.get()))
                        : patiently(isKnownToBeSomebodys(arrival))
                                .chain(known -> known ? ended("identity_unavailable") : store(session, credential)));
    }

    /** Whether this reconnect would have to be compared with an account, and cannot be. */
    private Uni<Boolean> isKnownToBeSomebodys(Arrival arrival) {
        ConnectSession session = arrival.session();
        return session.acceptOtherAccount()
                ? Uni.createFrom().item(false)
                : tokens.findCredential(session.account())
                        .map(present -> present.isPresent() && present.get().identity() != null);
    }

    /** The traded code exists once: a database that is away for a moment must not cost the grant. */
    private Uni<Ending> store(ConnectSession session, OAuthCredential credential) {
        return patiently(tokens.storeCredential(
                        session.account(), credential, session.createdBy(), session.acceptOtherAccount()))
                .map(saved -> Ending.connected(saved.credential().key().id()));
    }

    private static <T> Uni<T> patiently(Uni<T> work) {
        return work.onFailure(StorageException.class)
                .retry()
                .withBackOff(FIRST_RETRY, LAST_RETRY)
                .expireIn(PATIENCE.toMillis());
    }

    private static OAuthCredential credential(Arrival arrival, TokenResponse response) {
        Scopes asked = arrival.session().scopes().isEmpty()
                ? arrival.client().scopes()
                : arrival.session().scopes();
        return new OAuthCredential(
                Objects.requireNonNull(response.accessToken()),
                response.refreshToken(),
                response.tokenType(),
                response.expiresAt(),
                response.expiryAssumed(),
                Objects.requireNonNullElse(response.scopes(), asked),
                arrival.client().clientId(),
                arrival.client().vars(),
                null,
                response.metadata());
    }

    private Uni<ConnectSession> end(ConnectSession session, Ending ending, long begun) {
        activity.fire(new Activity.Connect(
                session.account().provider(), ending.outcome(), Duration.ofNanos(System.nanoTime() - begun)));
        return patiently(sessions.finish(session.id(), ending.credentialId(), ending.error())
                        .chain(() -> sessions.byId(session.id())))
                .map(Optional::orElseThrow);
    }

    private static Uni<Ending> ended(String error) {
        return Uni.createFrom().item(Ending.failed(error));
    }

    private static boolean isExpected(Throwable failure) {
        return failure instanceof ProviderException
                || failure instanceof CredentialException
                || failure instanceof StorageException
                || failure instanceof CryptoException;
    }

    private static String code(Throwable failure) {
        return switch (failure) {
            case CredentialException.Conflict conflict -> "other_account";
            case CredentialException.QuotaExceeded full -> "quota_exceeded";
            case ProviderException failed -> failed.code();
            case StorageException away -> "storage_unavailable";
            default -> "internal";
        };
    }

    private record Arrival(
            OAuthProvider provider,
            ClientRegistration client,
            ConnectSession session,
            Consumed consumed,
            Map<String, String> parameters) {}

    private record Ending(Optional<UUID> credentialId, Optional<String> error) {

        static Ending connected(UUID credential) {
            return new Ending(Optional.of(credential), Optional.empty());
        }

        static Ending failed(String error) {
            return new Ending(Optional.empty(), Optional.of(error));
        }

        String outcome() {
            return switch (error.orElse("")) {
                case "" -> "completed";
                case "access_denied" -> "denied";
                case "other_account" -> "other_account";
                default -> "exchange_failed";
            };
        }
    }
}
