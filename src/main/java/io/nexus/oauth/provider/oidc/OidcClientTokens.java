package io.nexus.oauth.provider.oidc;

import io.nexus.oauth.credential.OidcClientId;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.egress.ExchangeResult;
import io.nexus.oauth.provider.egress.RequestListener;
import io.nexus.oauth.provider.reply.RemarkLog;
import io.nexus.oauth.provider.reply.RevocationReply;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.provider.reply.TokenReplyReader;
import io.quarkus.oidc.client.OidcClient;
import io.quarkus.oidc.client.OidcClientException;
import io.quarkus.oidc.client.OidcClients;
import io.quarkus.oidc.client.runtime.DisabledOidcClientException;
import io.quarkus.oidc.client.runtime.OidcClientConfig;
import io.quarkus.oidc.client.runtime.OidcClientsConfig;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.mutiny.TimeoutException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Gets tokens with the operator's clients of the Quarkus OIDC client. Each failure is a verdict ({@link TokenReply}). Non-blocking; a request
 * is sent on subscription. The extension repeats a request whose connection breaks ({@code connection-retry-count}), which is safe: it
 * spends nothing.
 */
@ApplicationScoped
public class OidcClientTokens {

    private static final Logger LOG = Logger.getLogger(OidcClientTokens.class);

    /** The message with which the extension replaces each failure of the connection. */
    private static final String UNAVAILABLE = "OIDC Server is not available";

    private static final Duration REVOCATION_TIMEOUT = Duration.ofSeconds(10);
    private static final ExchangeResult UNREVOCABLE = new ExchangeResult.NotSent("no_endpoint");

    private final OidcClients clients;
    private final OidcClientsConfig config;
    private final OidcRequests requests;
    private final RequestListener listener;
    private final InstantSource clock;
    private final ConcurrentMap<String, Optional<String>> faults = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, RemarkLog> remarks = new ConcurrentHashMap<>();

    /**
     * One thread: the extension signs and reads before it sends, and puts an assertion of the platform into a form that all requests of a
     * client share.
     */
    private final WorkerExecutor sender;

    OidcClientTokens(
            OidcClients clients,
            OidcClientsConfig config,
            OidcRequests requests,
            RequestListener listener,
            InstantSource clock,
            Vertx vertx) {
        this.clients = clients;
        this.config = config;
        this.requests = requests;
        this.listener = listener;
        this.clock = clock;
        this.sender = vertx.createSharedWorkerExecutor("oidc-clients", 1);
    }

    /** Why the client {@code id} cannot get tokens, as the rest of a sentence about its name; empty when it can. */
    public Optional<String> fault(String id) {
        return clients.getClient(id) == null
                ? Optional.of("is not in the configuration")
                : faults.computeIfAbsent(id, known -> OidcClientRules.fault(known, settings(known)));
    }

    /** The token request that the client {@code id} makes; empty when it has a {@link #fault}. */
    public Optional<TokenRequest> request(String id) {
        return fault(id).isPresent() ? Optional.empty() : Optional.of(OidcClientRules.request(id, settings(id)));
    }

    private OidcClientConfig settings(String id) {
        return Objects.requireNonNull(config.namedClients().get(id));
    }

    /**
     * Asks for a token. Safe to repeat.
     *
     * @param profile the provider that describes the response
     * @param total the time for metadata and token together
     */
    public Uni<TokenReply> requestToken(ProviderProfile profile, String id, Duration total) {
        return Uni.createFrom().deferred(() -> {
            TokenReplyReader reader = new TokenReplyReader(profile, clock.instant(), false);
            return send(profile, RequestListener.Endpoint.TOKEN, id, OidcClient::getTokens, total)
                    .map(answer -> verdict(reader, id, answer))
                    .invoke(remarks.computeIfAbsent(profile.id(), name -> new RemarkLog(name, clock))::add)
                    .map(TokenReply::ofMachine);
        });
    }

    /** Revokes an access token (RFC 7009). Safe to repeat. */
    public Uni<RevocationReply> revokeToken(ProviderProfile profile, String id, Secret token) {
        return send(
                        profile,
                        RequestListener.Endpoint.REVOKE,
                        id,
                        client -> client.revokeAccessToken(token.reveal()),
                        REVOCATION_TIMEOUT)
                .map(OidcClientTokens::revocation);
    }

    /** What came instead of a token: each response arrives as a failure, see {@link OidcAnswers}. */
    private Uni<Throwable> send(
            ProviderProfile profile,
            RequestListener.Endpoint endpoint,
            String id,
            Function<OidcClient, Uni<?>> call,
            Duration total) {
        return Uni.createFrom().deferred(() -> {
            long began = System.nanoTime();
            requests.allow();
            return Uni.createFrom()
                    .deferred(() -> call.apply(Objects.requireNonNull(clients.getClient(id))))
                    .runSubscriptionOn(this::onSender)
                    .ifNoItem()
                    .after(total)
                    .fail()
                    .onItemOrFailure()
                    .transform((none, failure) -> failure == null ? new OidcAnswer(UNREVOCABLE) : failure)
                    .invoke(answer -> listener.ended(
                            profile.id(), endpoint, outcome(answer), Duration.ofNanos(System.nanoTime() - began)));
        });
    }

    private void onSender(Runnable task) {
        var unused = sender.executeBlocking(
                () -> {
                    task.run();
                    return true;
                },
                false);
    }

    private static String outcome(Throwable answer) {
        return exchange(answer).map(ExchangeResult::outcome).orElse("unsent");
    }

    /** The result of the exchange; empty when the extension could not begin one. */
    private static Optional<ExchangeResult> exchange(Throwable answer) {
        return Optional.ofNullable(
                switch (answer) {
                    case OidcAnswer complete -> complete.result();
                    case TimeoutException late -> new ExchangeResult.Lost("reply_timeout");
                    case OidcClientException away when isAway(away) -> new ExchangeResult.NotSent("unavailable");
                    default -> null;
                });
    }

    private static boolean isAway(OidcClientException failure) {
        return UNAVAILABLE.equals(failure.getMessage());
    }

    private static TokenReply verdict(TokenReplyReader reader, String id, Throwable answer) {
        return exchange(answer).map(reader::read).orElseGet(() -> unsent(id, answer));
    }

    private static TokenReply unsent(String id, Throwable failure) {
        if (failure instanceof OidcClientException && failure.getCause() != null) {
            LOG.warnf("%s: the metadata of its server is not available", OidcClientId.of(id));
            return new TokenReply.Deferred("discovery_failed", Optional.empty(), true);
        }
        if (failure instanceof DisabledOidcClientException) {
            return new TokenReply.Misconfigured("client_not_registered", false);
        }
        // the message of any other exception may quote a secret
        @Nullable String detail = failure instanceof ConfigurationException || failure instanceof OidcClientException
                ? failure.getMessage()
                : null;
        LOG.warnf(
                "%s cannot make its token request: %s",
                OidcClientId.of(id), detail == null ? failure.getClass().getName() : detail);
        return new TokenReply.Misconfigured("client_authentication_invalid", false);
    }

    private static RevocationReply revocation(Throwable answer) {
        if (answer instanceof OidcAnswer none && none.result().equals(UNREVOCABLE)) {
            return RevocationReply.UNSUPPORTED;
        }
        return exchange(answer).orElse(null) instanceof ExchangeResult.Complete complete
                ? switch (complete.status()) {
                    case 200, 201, 202, 204 -> RevocationReply.REVOKED;
                    // client authentication failed, or a rate limit: the token still works
                    case 401, 408, 429 -> RevocationReply.UNKNOWN;
                    default -> complete.status() / 100 == 4 ? RevocationReply.REFUSED : RevocationReply.UNKNOWN;
                }
                : RevocationReply.UNKNOWN;
    }
}
