package io.nexus.oauth.token.exchange;

import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.event.Activity;
import io.nexus.oauth.provider.entry.ExchangeCall;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.token.client.ClientRegistrations;
import io.nexus.oauth.token.grant.RefreshConfig;
import io.nexus.oauth.token.grant.SingleFlight;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Issues tokens of APIs for the tokens of users. Callers with the same user token and target share one request to the provider, and its
 * token until the first of these ends: the user's token, the issued one, the longest time of the profile.
 */
@ApplicationScoped
public class ExchangedTokens {

    private static final int MAX_WAITERS = 1_000;
    private static final Duration RETRY_AFTER_FULL_FLIGHT = Duration.ofSeconds(1);

    private final UpstreamExchange upstream;
    private final ClientRegistrations registrations;
    private final ExchangeCache cache;
    private final RefreshConfig config;
    private final Event<Activity> activity;
    private final Clock clock;
    /** By query alone, so that callers who come at once share the look at the clients, too. */
    private final SingleFlight<ExchangeKey, Found> flights;

    ExchangedTokens(
            UpstreamExchange upstream,
            ClientRegistrations registrations,
            ExchangeCache cache,
            RefreshConfig config,
            Event<Activity> activity,
            CancellationShield shield,
            Clock clock) {
        this.upstream = upstream;
        this.registrations = registrations;
        this.cache = cache;
        this.config = config;
        this.activity = activity;
        this.clock = clock;
        this.flights = new SingleFlight<>(shield, MAX_WAITERS);
    }

    /**
     * The token that {@code query} asks for. Non-blocking; a request to the provider runs to its end even if the subscriber cancels. Fails
     * with {@link CredentialException.Forbidden} when the requested or the granted scopes are beyond {@code limits}; with {@link
     * ProviderException.Rejected} when the provider refuses the user's token or the target; with {@link ProviderException.Misconfigured}
     * when an operator has to act, also when the tenant may not use the OAuth client for this; with {@link
     * ProviderException.Unavailable} when the provider gives no answer now.
     *
     * @param call the request of the provider's profile
     * @param limits the limits of the caller
     */
    public Uni<ExchangedToken> get(ExchangeQuery query, ExchangeCall call, AccessLimits limits) {
        String provider = query.account().provider();
        return Uni.createFrom()
                .deferred(() -> {
                    if (!limits.allows(query.account(), query.scopes())) {
                        throw new CredentialException.Forbidden(
                                "the client's roles do not cover these scopes: a client with a limit of scopes must name some of them");
                    }
                    return flights.join(
                                    ExchangeKey.of(query, List.of()),
                                    () -> key(query, call).chain(key -> find(key, query, call)))
                            .orElseThrow(() -> new ProviderException.Unavailable(
                                    provider, "too_many_waiters", RETRY_AFTER_FULL_FLIGHT));
                })
                .invoke(found -> requireWithin(limits, query, found.token()))
                .onItemOrFailure()
                .invoke((found, failure) -> activity.fire(
                        new Activity.TokenExchange(provider, failure == null ? found.outcome() : outcome(failure))))
                .map(Found::token);
    }

    private Uni<ExchangeKey> key(ExchangeQuery query, ExchangeCall call) {
        Uni<Instant> own = client(query, query.account().provider());
        String identityProvider = call.identityProvider();
        return identityProvider == null
                ? own.map(changed -> ExchangeKey.of(query, List.of(changed)))
                : own.chain(changed ->
                        client(query, identityProvider).map(other -> ExchangeKey.of(query, List.of(changed, other))));
    }

    private Uni<Instant> client(ExchangeQuery query, String provider) {
        return registrations
                .exchangeClient(query.account().tenant(), provider)
                .chain(found -> found.map(Uni.createFrom()::item)
                        .orElseGet(() -> registrations
                                .get(query.account().tenant(), provider)
                                .map(shared -> {
                                    throw new ProviderException.Misconfigured(
                                            provider,
                                            "exchange_not_allowed",
                                            "its OAuth client is the operator's, for all tenants, and does not allow token exchanges");
                                })));
    }

    private Uni<Found> find(ExchangeKey key, ExchangeQuery query, ExchangeCall call) {
        return cache.find(key)
                .chain(cached -> cached.map(token -> Uni.createFrom().item(new Found(token, "hit")))
                        .orElseGet(() -> ask(key, query, call).map(token -> new Found(token, "exchanged"))));
    }

    private Uni<ExchangedToken> ask(ExchangeKey key, ExchangeQuery query, ExchangeCall call) {
        return upstream.ask(query, call)
                .call(token -> cache.put(key, token, end(query, call, token).minus(config.floor())));
    }

    private Instant end(ExchangeQuery query, ExchangeCall call, ExchangedToken token) {
        return Stream.of(
                        Optional.of(query.subject().expiresAt()),
                        Optional.ofNullable(token.expiresAt()),
                        Optional.of(clock.instant().plus(call.maxLifetime())))
                .flatMap(Optional::stream)
                .min(Instant::compareTo)
                .orElseThrow();
    }

    /** Other callers have other limits, so the token stays in memory. */
    private static void requireWithin(AccessLimits limits, ExchangeQuery query, ExchangedToken token) {
        if (!limits.allows(query.account(), token.scopes())) {
            throw new CredentialException.Forbidden("the provider granted scopes that the client's roles do not cover");
        }
    }

    private static String outcome(Throwable failure) {
        return switch (failure) {
            case CredentialException.Forbidden denied -> "denied";
            case ProviderException.Rejected refused -> "rejected";
            case ProviderException.Misconfigured wrong -> "misconfigured";
            case ProviderException.Unavailable away -> "unavailable";
            default -> "failed";
        };
    }

    private record Found(ExchangedToken token, String outcome) {}
}
