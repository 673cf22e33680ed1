package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.testing.StrictProvider.Reply;
import io.nexus.oauth.token.TokenQuery;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A failure costs those whom it concerns, and nobody else: the log of the provider shows it. */
@QuarkusTest
class FailureConcernTest extends TokenFixture {

    @Inject
    RejectionSurge surge;

    @Inject
    RefreshScheduler scheduler;

    @BeforeEach
    void startCalm() {
        surge.forget();
    }

    static Stream<Reply> endings() {
        return Stream.of(
                StrictProvider.error(400, "inactive_user"),
                StrictProvider.error(403, "account_suspended"),
                StrictProvider.error(401, "invalid_token"),
                StrictProvider.error(422, "invalid_grant"),
                StrictProvider.error(404, "user_not_found"),
                StrictProvider.error(400, "invalid_scope"),
                StrictProvider.status(302, "Location: /login", ""),
                StrictProvider.status(400, "Content-Type: text/html", "<html>no</html>"));
    }

    // seen: 13 of 15 healthy reads were answered with 502
    @ParameterizedTest
    @MethodSource("endings")
    void deadGrantsCostHealthyOnesNothing(Reply ending) {
        List<StoredCredential> dead =
                Stream.generate(() -> expired("strict")).limit(3).toList();
        List<StoredCredential> healthy =
                Stream.generate(() -> expired("strict")).limit(15).toList();
        dead.forEach(each -> answer(each, ending, 5));

        for (int i = 0; i < 3; i++) {
            dead.forEach(each -> assertThat(failure(each)).isInstanceOf(ProviderException.class));
        }
        healthy.forEach(each -> assertThat(get(each).version()).isEqualTo(2));

        assertThat(dead)
                .allSatisfy(each -> assertThat(provider.calls(user(each)))
                        .as("asked once, then the grant backs off")
                        .hasSize(1));
    }

    @Test
    void refusedGrantNeedsTheUserAfterFiveRefusalsWhileOthersWork() {
        StoredCredential dead = expired("strict");
        answer(dead, StrictProvider.error(400, "inactive_user"), 20);
        for (int i = 1; i < 5; i++) {
            assertThat(unavailable(dead)).isEqualTo("inactive_user");
            assertThat(row(dead).status()).isEqualTo(CredentialStatus.ACTIVE);
            assertThat(row(dead).refresh().failures()).isEqualTo(i);
            get(expired("strict"));
            passConfirmation(dead);
            limiters.forget(); // the count is in the row, so a restart does not reset it
        }

        assertThat(failure(dead))
                .isInstanceOfSatisfying(
                        CredentialException.ReauthorizationRequired.class,
                        ended -> assertThat(ended.error()).isEqualTo("inactive_user"));

        assertThat(provider.calls(user(dead))).hasSize(5);
        assertThat(database.audit(dead.key().id()))
                .containsExactly(
                        "credential_created",
                        "grant_suspected:inactive_user",
                        "reauthorization_required:inactive_user");
    }

    // nobody else works, so it may be the provider's or the operator's fault: more patience, but not for ever
    @Test
    void refusedGrantNeedsTheUserAfterThirtyRefusalsInAnyCase() {
        StoredCredential dead = expired("strict");
        answer(dead, StrictProvider.error(400, "inactive_user"), 40);
        for (int i = 1; i < 30; i++) {
            assertThat(unavailable(dead)).isEqualTo("inactive_user");
            passConfirmation(dead);
        }

        assertThat(failure(dead)).isInstanceOf(CredentialException.ReauthorizationRequired.class);

        assertThat(provider.calls(user(dead))).hasSize(30);
    }

    @Test
    void refusedGrantIsAskedAboutEverLessOften() {
        StoredCredential dead = expired("strict");
        answer(dead, StrictProvider.error(400, "inactive_user"), 20);
        for (long pause : new long[] {30, 60, 120, 240}) {
            unavailable(dead);
            assertThat(row(dead).refresh().nextAt())
                    .isBetween(
                            row(dead).refresh().failedAt().plusSeconds(pause - 1),
                            row(dead).refresh().failedAt().plusSeconds(pause + 1));
            passConfirmation(dead);
        }
    }

    @Test
    void refusalThatPassesLeavesNothingBehind() {
        StoredCredential credential = expired("strict");
        answer(credential, StrictProvider.error(400, "inactive_user"), 2);
        for (int i = 0; i < 2; i++) {
            unavailable(credential);
            passConfirmation(credential);
        }

        assertThat(get(credential).version()).isEqualTo(2);

        assertThat(row(credential).refresh().failures()).isZero();
        assertThat(row(credential).refresh().suspectedAt()).isNull();
    }

    // ours to fix, so no number of refusals ends a grant, unless others of its client work
    @Test
    void requestThatIsOursToFixEndsNoGrantAlone() {
        StoredCredential credential = expired("strict");
        answer(credential, StrictProvider.error(400, "invalid_request"), 12);
        for (int i = 0; i < 12; i++) {
            assertThat(misconfigured(credential)).isEqualTo("invalid_request");
            assertThat(misconfigured(credential)).as("during the back-off").isEqualTo("invalid_request");
            passBackOff(credential);
        }
        assertThat(provider.calls(user(credential))).hasSize(12);

        assertThat(get(credential).version()).isEqualTo(2);
    }

    @Test
    void grantThatIsRefusedThoughOthersWorkIsToBlame() {
        StoredCredential credential = expired("strict");
        answer(credential, StrictProvider.error(400, "invalid_scope"), 20);
        for (int i = 1; i < 5; i++) {
            assertThat(misconfigured(credential)).isEqualTo("invalid_scope");
            get(expired("strict"));
            passBackOff(credential);
        }

        assertThat(failure(credential)).isInstanceOf(CredentialException.ReauthorizationRequired.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"invalid_client", "unauthorized_client", "whatever", "deleted_client"})
    void wrongSecretIsAskedForOnceAndHeardOfAllTheWhile(String code) {
        List<StoredCredential> all =
                Stream.generate(() -> expired("strict")).limit(10).toList();
        all.forEach(each -> answer(each, StrictProvider.error(401, code), 5));
        String heard = code.equals("whatever") ? "http_401" : code;

        for (int i = 0; i < 5; i++) {
            all.forEach(each -> assertThat(misconfigured(each)).isEqualTo(heard));
            await(scheduler.sweep());
        }

        assertThat(provider.arrivals()).isEqualTo(1);
        assertThat(all)
                .allSatisfy(each -> assertThat(row(each).refresh().lastError()).isNull());
    }

    // callers that come at the same time, before the provider has accepted the client once
    @Test
    void wrongSecretCostsThreeRequestsAtMost() {
        List<StoredCredential> all =
                Stream.generate(() -> expired("strict")).limit(20).toList();
        all.forEach(each -> answer(each, StrictProvider.error(401, "unauthorized_client"), 5));
        provider.delay(Duration.ofMillis(300));

        List<CompletableFuture<AccessToken>> together = all.stream()
                .map(each ->
                        tokens.getValidToken(each.key(), TokenQuery.DEFAULT).subscribeAsCompletionStage())
                .toList();

        assertThat(together)
                .allSatisfy(each -> assertThat(each)
                        .failsWithin(Duration.ofSeconds(30))
                        .withThrowableThat()
                        .withCauseInstanceOf(ProviderException.Misconfigured.class));
        assertThat(provider.arrivals()).isLessThanOrEqualTo(3);
    }

    @Test
    void newSecretIsTriedAtOnceWithoutAnyReader() {
        String tenant = Api.newTenant();
        register(tenant, "wrong");
        String id = imported(tenant, "x");
        provider.grant("x");
        Api.assertProblem(Api.as(tenant).get("/api/v1/credentials/" + id + "/token"), 502, "provider-misconfigured");
        Api.assertProblem(Api.as(tenant).get("/api/v1/credentials/" + id + "/token"), 502, "provider-misconfigured");
        assertThat(provider.calls("x")).hasSize(1);
        database.run("UPDATE oauth_credentials SET next_refresh_at = clock_timestamp() - interval '1 s'");

        register(tenant, StrictProvider.SECRET);
        await(scheduler.sweep());

        Awaitility.await()
                .until(() -> database.count("SELECT count(*) FROM oauth_credentials WHERE token_version = 2") == 1);
        assertThat(provider.calls("x")).hasSize(2);
    }

    static Stream<Reply> rateLimits() {
        String page = "<html>Slow down</html>";
        return Stream.of(
                StrictProvider.status(429, "Retry-After: 60", ""),
                StrictProvider.status(403, "Retry-After: 60\r\nContent-Type: text/html", page),
                StrictProvider.status(400, "Retry-After: 60\r\nContent-Type: text/html", page),
                StrictProvider.status(503, "Retry-After: 60\r\nContent-Type: text/html", page),
                json(403, "{\"error\":\"rate_limit_exceeded\"}"),
                json(400, "{\"error\":\"slow_down\"}"),
                json(400, "{\"error\":\"too_many_requests\"}"),
                json(401, "{\"error\":\"login_rate_exceeded\"}"));
    }

    private static Reply json(int status, String body) {
        return StrictProvider.status(status, "Retry-After: 60\r\nContent-Type: application/json", body);
    }

    @ParameterizedTest
    @MethodSource("rateLimits")
    void rateLimitInWhateverDressIsOne(Reply limit) {
        StoredCredential first = expired("strict");
        StoredCredential second = expired("strict");
        answer(first, limit, 1);

        for (StoredCredential each : List.of(first, second, first)) {
            assertThat(failure(each))
                    .isInstanceOfSatisfying(
                            ProviderException.Unavailable.class,
                            e -> assertThat(e.retryAfter()).isBetween(Duration.ofSeconds(50), Duration.ofSeconds(60)));
        }

        assertThat(provider.arrivals()).isEqualTo(1);
        assertThat(row(first).refresh().failures()).isZero();
        assertThat(row(first).refresh().lastError()).isNull();
    }

    // ten dead grants of one tenant must neither hold another tenant's verdict nor hide its surge
    @Test
    void surgeOfOneTenantIsNoneOfAnother() {
        String noisy = Api.newTenant();
        register(noisy, StrictProvider.SECRET);
        for (int i = 0; i < 11; i++) {
            String id = imported(noisy, "dead" + i);
            Api.as(noisy).get("/api/v1/credentials/" + id + "/token").then().statusCode(503);
        }
        assertThat(database.count("SELECT count(*) FROM oauth_credentials WHERE suspected_at IS NOT NULL"))
                .isEqualTo(11);

        StoredCredential other = expired("strict");
        endGrant(other);

        assertThat(row(other).status()).isEqualTo(CredentialStatus.REAUTHORIZATION_REQUIRED);
    }

    @Test
    void healthyGrantsOfOneTenantDoNotEndTheHeldGrantsOfAnother() {
        List<StoredCredential> held =
                Stream.generate(() -> expired("strict")).limit(11).toList();
        held.forEach(each -> {
            answer(each, StrictProvider.error(400, "invalid_grant"), 2);
            failure(each);
            passConfirmation(each);
        });
        String healthy = Api.newTenant();
        register(healthy, StrictProvider.SECRET);
        for (int i = 0; i < 12; i++) {
            provider.grant("well" + i);
            String id = imported(healthy, "well" + i);
            Api.as(healthy).get("/api/v1/credentials/" + id + "/token").then().statusCode(200);
        }

        assertThat(unavailable(held.getFirst())).isEqualTo("invalid_grant");

        assertThat(row(held.getFirst()).status()).isEqualTo(CredentialStatus.ACTIVE);
        assertThat(provider.calls(user(held.getFirst()))).hasSize(1);
    }

    private static void register(String tenant, String secret) {
        Api.as(tenant)
                .body(Map.of("client_id", StrictProvider.CLIENT, "client_secret", secret))
                .put("/api/v1/clients/strict")
                .then()
                .statusCode(200);
    }

    private static String imported(String tenant, String user) {
        Map<String, Object> grant = Api.grant("expires_in", 0);
        grant.put("provider", "strict");
        grant.put("user", user + "@example.com");
        grant.put("refresh_token", "rt~" + user + "~1~1");
        return Api.imported(tenant, grant);
    }

    private void answer(StoredCredential credential, Reply reply, int times) {
        for (int i = 0; i < times; i++) {
            provider.next(user(credential), reply);
        }
    }

    private String misconfigured(StoredCredential credential) {
        Throwable failure = failure(credential);
        assertThat(failure).isInstanceOf(ProviderException.Misconfigured.class);
        return ((ProviderException) failure).code();
    }

    private void passBackOff(StoredCredential credential) {
        database.set(
                credential.key().id(),
                "last_failed_at = last_failed_at - interval '2 h', next_refresh_at = clock_timestamp() - interval '1 s'");
    }
}
