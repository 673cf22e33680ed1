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
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.provider.reply.TokenResponse;
import io.nexus.oauth.store.ConnectSessionStore;
import io.nexus.oauth.store.ConnectSessionStore.Consumed;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.token.client.ClientRegistrations;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * Handles the provider's redirect back to the service (RFC 6749 section 4.1.2). The state is consumed before the code is
 * exchanged, so only one of several equal callbacks exchanges it. The work then goes on even if the browser disconnects,
 * because a code works once.
 */
@ApplicationScoped
public class ConnectCallback {

    private static final Logger LOG = Logger.getLogger(ConnectCallback.class);

    /** The codes that are kept (RFC 6749 section 4.1.2.1). Any other text could forge a log line or a page. */
    private static final Pattern ERROR_CODE = Pattern.compile("[a-z0-9_.-]{1,64}");

    /** The user's own decisions. An operator has nothing to look into. */
    private static final Set<String> BY_USER =
            Set.of(ConnectSession.DENIED, ConnectSession.UNEXPECTED_ACCOUNT, "other_account");

    /** How long a browser waits for the result; shorter than the limits of usual proxies. */
    private static final Duration BROWSER_WAIT = Duration.ofSeconds(20);

    private final ConnectSessionStore sessions;
    private final ProviderCatalogue catalogue;
    private final ClientRegistrations clients;
    private final NewGrants grants;
    private final SecretSealer sealer;
    private final OneTimeSecrets secrets;
    private final CancellationShield shield;
    private final Event<Activity> activity;

    ConnectCallback(
            ConnectSessionStore sessions,
            ProviderCatalogue catalogue,
            ClientRegistrations clients,
            NewGrants grants,
            SecretSealer sealer,
            OneTimeSecrets secrets,
            CancellationShield shield,
            Event<Activity> activity) {
        this.sessions = sessions;
        this.catalogue = catalogue;
        this.clients = clients;
        this.grants = grants;
        this.sealer = sealer;
        this.secrets = secrets;
        this.shield = shield;
        this.activity = activity;
    }

    /**
     * Completes a flow with the authorization response. Returns the ended session, connected or failed. Fails with {@link
     * ConnectException.InvalidState} when the response does not belong to a flow of this browser; then nothing changes and
     * the code is not exchanged. Fails with {@link ConnectException.Pending} after 20 s, for example while the database is
     * unavailable; the flow then goes on. Non-blocking.
     *
     * @param provider the provider in the path of the callback
     * @param parameters the query parameters of the callback
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
                        ? exchangeInTime(catalogue.get(provider), consumed.get(), parameters)
                        : mismatch(provider)));
    }

    private Uni<ConnectSession> mismatch(String provider) {
        String known = catalogue.find(provider).map(OAuthProvider::id).orElse("other");
        activity.fire(new Activity.Connect(known, "state_mismatch", Duration.ZERO));
        return Uni.createFrom().failure(new ConnectException.InvalidState());
    }

    private Uni<ConnectSession> exchangeInTime(
            OAuthProvider provider, Consumed consumed, Map<String, String> parameters) {
        return shield.run(() -> exchange(provider, consumed, parameters))
                .ifNoItem()
                .after(BROWSER_WAIT)
                .failWith(() -> new ConnectException.Pending(consumed.sessionId()));
    }

    private Uni<ConnectSession> exchange(OAuthProvider provider, Consumed consumed, Map<String, String> parameters) {
        long startedAt = System.nanoTime();
        return grants.retry(sessions.byId(consumed.sessionId()))
                .map(Optional::orElseThrow)
                .chain(session -> clients.get(session.account().tenant(), provider.id())
                        .chain(client -> complete(new Callback(provider, client, session, consumed, parameters)))
                        .onFailure(ConnectCallback::isExpected)
                        .recoverWithItem(failure -> Outcome.failed(code(failure)))
                        .chain(outcome -> finish(session, outcome, startedAt)))
                .onFailure(StorageException.class)
                .invoke(e -> LOG.errorf(
                        "Connect session %s: its result cannot be recorded: %s", consumed.sessionId(), e.getMessage()));
    }

    private Uni<Outcome> complete(Callback callback) {
        Map<String, String> parameters = callback.parameters();
        String error = parameters.getOrDefault("error", "").toLowerCase(Locale.ROOT);
        if (!error.isEmpty()) {
            return failed(ERROR_CODE.matcher(error).matches() ? error : "provider_error");
        }
        String code = parameters.getOrDefault("code", "");
        if (code.isEmpty()) {
            return failed("no_code");
        }
        // other variables select another host, which must get neither the code nor the client secret
        if (!callback.client().vars().equals(callback.consumed().clientVars())) {
            return failed(ProviderException.Misconfigured.CLIENT_CHANGED);
        }
        return isFromIssuer(callback)
                .chain(right -> right ? exchangeCode(callback, Secret.of(code)) : failed("issuer_mismatch"));
    }

    /** RFC 9207: a response with another issuer comes from another authorization server. */
    private static Uni<Boolean> isFromIssuer(Callback callback) {
        String issuer = callback.parameters().get("iss");
        return issuer == null
                ? Uni.createFrom().item(true)
                : callback.provider().isIssuer(callback.client(), issuer);
    }

    private Uni<Outcome> exchangeCode(Callback callback, Secret code) {
        ConnectSession session = callback.session();
        Secret verifier = sealer.unseal(
                callback.consumed().codeVerifier(),
                ConnectSession.verifierPlace(
                        session.account().tenant(),
                        session.id(),
                        callback.consumed().clientVars()));
        return callback.provider()
                .exchangeCode(
                        callback.client(),
                        new OAuthProvider.CodeExchange(
                                code, callback.consumed().redirectUri(), session.wanted(), verifier),
                        callback.parameters())
                .chain(reply -> reply instanceof TokenReply.Granted granted
                        ? store(callback, granted.response())
                        : failed(Objects.requireNonNull(reply.error())));
    }

    private Uni<Outcome> store(Callback callback, TokenResponse response) {
        if (response.accessToken() != null) {
            return grants.store(
                            callback.provider(),
                            callback.client(),
                            callback.session(),
                            credential(callback, response, response.accessToken()))
                    .map(Outcome::connected);
        }
        // the server finds the token even if the request says that it is an access token (RFC 7009 section 2.1)
        return response.refreshToken() == null
                ? failed(TokenResponse.NO_ACCESS_TOKEN)
                : grants.revoke(
                                callback.provider(),
                                callback.client(),
                                callback.session(),
                                credential(callback, response, response.refreshToken()))
                        .replaceWith(Outcome.failed(TokenResponse.NO_ACCESS_TOKEN));
    }

    private static OAuthCredential credential(Callback callback, TokenResponse response, Secret accessToken) {
        Scopes asked = callback.session().scopes().isEmpty()
                ? callback.client().scopes()
                : callback.session().scopes();
        return new OAuthCredential(
                accessToken,
                response.refreshToken(),
                response.tokenType(),
                response.expiresAt(),
                response.expiryAssumed(),
                Objects.requireNonNullElse(response.scopes(), asked),
                callback.client().clientId(),
                callback.client().vars(),
                null,
                callback.session().wanted().in(response.metadata()),
                response.refreshExpiresAt(),
                null);
    }

    private Uni<ConnectSession> finish(ConnectSession session, Outcome outcome, long startedAt) {
        outcome.error()
                .filter(code -> !BY_USER.contains(code))
                .ifPresent(code -> LOG.warnf(
                        "Tenant %s: connect session %s at provider %s failed: %s",
                        session.account().tenant().value(),
                        session.id(),
                        session.account().provider(),
                        code));
        activity.fire(new Activity.Connect(
                session.account().provider(), outcome.outcome(), Duration.ofNanos(System.nanoTime() - startedAt)));
        return grants.retry(sessions.finish(session.id(), outcome.credentialId(), outcome.error())
                        .chain(() -> sessions.byId(session.id())))
                .map(Optional::orElseThrow);
    }

    private static Uni<Outcome> failed(String error) {
        return Uni.createFrom().item(Outcome.failed(error));
    }

    /** Whether {@code failure} ends a session with a code of its own. */
    private static boolean isExpected(Throwable failure) {
        return failure instanceof ProviderException
                || failure instanceof CredentialException
                || failure instanceof StorageException
                || failure instanceof CryptoException;
    }

    private static String code(Throwable failure) {
        return switch (failure) {
            case CredentialException.UnexpectedAccount other -> ConnectSession.UNEXPECTED_ACCOUNT;
            case CredentialException.Conflict conflict -> "other_account";
            case CredentialException.QuotaExceeded full -> "quota_exceeded";
            case ProviderException failed -> failed.code();
            case StorageException away -> "storage_unavailable";
            default -> "internal";
        };
    }

    private record Callback(
            OAuthProvider provider,
            ClientRegistration client,
            ConnectSession session,
            Consumed consumed,
            Map<String, String> parameters) {}

    private record Outcome(Optional<UUID> credentialId, Optional<String> error) {

        static Outcome connected(UUID credential) {
            return new Outcome(Optional.of(credential), Optional.empty());
        }

        static Outcome failed(String error) {
            return new Outcome(Optional.empty(), Optional.of(error));
        }

        String outcome() {
            return switch (error.orElse("")) {
                case "" -> "completed";
                case ConnectSession.DENIED -> "denied";
                case "other_account", ConnectSession.UNEXPECTED_ACCOUNT -> "other_account";
                default -> "exchange_failed";
            };
        }
    }
}
