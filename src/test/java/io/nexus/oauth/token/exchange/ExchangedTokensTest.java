package io.nexus.oauth.token.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.event.Activity;
import io.nexus.oauth.keys.TenantKeyLoader;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.entry.ExchangeCall;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.testing.MutableClock;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.testing.TestIssuer;
import io.nexus.oauth.token.client.ClientRegistrations;
import io.nexus.oauth.token.grant.RefreshConfig;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** One request to the provider serves many callers, for as long as both tokens are good. */
@QuarkusTest
class ExchangedTokensTest {

    private static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

    private final MutableClock clock = new MutableClock();
    private final TenantId tenant = new TenantId(Api.unique("tenant"));
    private final String subject = Api.unique("sub");
    private StrictProvider provider;
    private TestIssuer issuer;
    private ExchangedTokens tokens;
    private ExchangeCall call;

    @Inject
    UpstreamExchange upstream;

    @Inject
    ClientRegistrations registrations;

    @Inject
    SecretSealer sealer;

    @Inject
    TenantKeyLoader keys;

    @Inject
    RefreshConfig config;

    @Inject
    Event<Activity> activity;

    @Inject
    CancellationShield shield;

    @Inject
    ProviderCatalogue catalogue;

    @BeforeEach
    void start() {
        clock.advance(Duration.between(clock.instant(), Instant.now()));
        provider.reset();
        Api.as(Api.key(tenant.value(), "tenant-admin"))
                .body(Map.of("client_id", StrictProvider.CLIENT, "client_secret", StrictProvider.SECRET))
                .put("/api/v1/clients/exchanging")
                .then()
                .statusCode(200);
        call = Objects.requireNonNull(catalogue.get("exchanging").profile().tokenExchange());
        tokens = new ExchangedTokens(
                upstream, registrations, new ExchangeCache(sealer, keys, clock), config, activity, shield, clock);
    }

    @AfterEach
    void stop() {
        provider.reset();
    }

    @Test
    void aThousandCallersAreOneRequest() {
        StrictProvider.Hold hold = provider.hold(subject);
        ExchangeQuery query = query(3600);

        List<CompletableFuture<ExchangedToken>> callers = IntStream.range(0, 1_000)
                .mapToObj(i -> tokens.get(query, call, AccessLimits.ALL).subscribeAsCompletionStage())
                .toList();
        hold.awaitArrival();
        hold.release();

        assertThat(callers)
                .allSatisfy(each -> assertThat(each.get(30, TimeUnit.SECONDS).value())
                        .isEqualTo(Secret.of("at~" + subject + "~0~1")));
        assertThat(provider.exchanges()).hasSize(1);
    }

    @Test
    void aCallerBeyondAThousandIsSentAway() {
        StrictProvider.Hold hold = provider.hold(subject);
        ExchangeQuery query = query(3600);
        List<CompletableFuture<ExchangedToken>> callers = IntStream.range(0, 1_000)
                .mapToObj(i -> tokens.get(query, call, AccessLimits.ALL).subscribeAsCompletionStage())
                .toList();
        hold.awaitArrival();

        Awaitility.await()
                .untilAsserted(() -> assertThatThrownBy(() -> get(query))
                        .isInstanceOfSatisfying(
                                ProviderException.Unavailable.class,
                                full -> assertThat(full.code()).isEqualTo("too_many_waiters")));
        hold.release();
        callers.forEach(CompletableFuture::join);
    }

    @Test
    void theUsersTokenEndsFirst() {
        endsAfter(query(100), call, 90);
    }

    @Test
    void theIssuedTokenEndsFirst() {
        provider.expiresIn("100");
        endsAfter(query(3600), call, 90);
    }

    @Test
    void theProfileEndsFirst() {
        ExchangeCall shorter = new ExchangeCall(
                call.call(), call.style(), true, null, call.requestedTokenType(), null, null, Duration.ofSeconds(100));
        endsAfter(query(3600), shorter, 90);
    }

    /** {@code seconds}: the first end, less the lifetime that a token must have left. */
    private void endsAfter(ExchangeQuery query, ExchangeCall of, int seconds) {
        get(query, of);
        clock.advance(Duration.ofSeconds(seconds - 2));
        get(query, of);
        assertThat(provider.exchanges()).as("before the end").hasSize(1);
        clock.advance(Duration.ofSeconds(4));
        get(query, of);
        assertThat(provider.exchanges()).as("after the end").hasSize(2);
    }

    private ExchangedToken get(ExchangeQuery query) {
        return get(query, call);
    }

    private ExchangedToken get(ExchangeQuery query, ExchangeCall of) {
        return tokens.get(query, of, AccessLimits.ALL).await().atMost(Duration.ofSeconds(30));
    }

    private ExchangeQuery query(int seconds) {
        return new ExchangeQuery(
                new AccountKey(tenant, "exchanging", "alice"),
                new ExchangeQuery.SubjectToken(
                        Secret.of(issuer.sign(issuer.claims(subject))),
                        ACCESS_TOKEN,
                        Api.unique("digest"),
                        clock.instant().plusSeconds(seconds)),
                "api",
                List.of(),
                Scopes.NONE);
    }
}
