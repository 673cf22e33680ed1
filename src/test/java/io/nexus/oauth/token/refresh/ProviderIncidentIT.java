package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.event.Activity;
import io.nexus.oauth.event.Reading;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.store.RefreshBacklog;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.testing.StrictProvider.Call;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A provider with a fault, as its own request log shows it. */
@QuarkusTest
class ProviderIncidentIT extends TokenFixture {

    private static final int MANY = 2000;
    private static final int MOST = 32;

    @Inject
    RefreshScheduler scheduler;

    @Inject
    RefreshBacklog stored;

    @Inject
    ProviderCatalogue catalogue;

    @Inject
    Event<Reading> readings;

    @AfterEach
    void comeBack() {
        provider.down(false);
    }

    // everything is due at once when an outage ends: the herd is the next outage
    @Test
    void backlogOfAnOutageIsDrainedInOrderAndLeavesNoTrace() {
        List<StoredCredential> all = manyDue();
        provider.down(true);
        await(scheduler.sweep());
        Awaitility.await().untilAsserted(() -> assertThat(circuit()).isPositive());
        Awaitility.await()
                .during(Duration.ofSeconds(4))
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    await(scheduler.sweep());
                    return true;
                });
        assertThat(attempts()).as("attempts during the outage").isBetween(5L, 20L);
        assertUntouched();
        List<StoredCredential> due = all.stream().map(this::row).toList();

        provider.delay(Duration.ofMillis(50));
        provider.down(false);
        int before = provider.calls().size();
        Awaitility.await()
                .atMost(Duration.ofSeconds(120))
                .pollInterval(Duration.ofMillis(500))
                .until(() -> {
                    await(scheduler.sweep());
                    return database.count("SELECT count(*) FROM oauth_credentials WHERE token_version = 2") == MANY;
                });

        List<Call> calls = provider.calls().subList(before, provider.calls().size());
        long took = TimeUnit.NANOSECONDS.toMillis(
                calls.getLast().ended() - calls.getFirst().arrived());
        int atOnce = RefreshTest.mostAtOnce(calls);
        System.out.println(MANY + " credentials due after an outage, 50 ms each at the provider: " + took + " ms, "
                + atOnce + " at once");
        assertThat(atOnce).isLessThanOrEqualTo(MOST);
        assertThat(calls).hasSize(MANY);
        assertArrivedByDeadline(due, calls);
        assertUntouched();
        assertThat(due)
                .allSatisfy(each -> assertThat(provider.isDead(user(each))).isFalse());
    }

    @Test
    void retryAfterHoldsForTheClientAndForNobodyElse() {
        StoredCredential first = expired("strict");
        database.set(first.key().id(), "expires_at = expires_at - interval '1 h'");
        List<StoredCredential> same =
                IntStream.range(0, 20).mapToObj(i -> expired("strict")).toList();
        List<StoredCredential> others =
                IntStream.range(0, 20).mapToObj(i -> expired("steady")).toList();
        provider.next(user(first), StrictProvider.rateLimited("6"));

        assertThat(unavailable(first)).isEqualTo("rate_limited");
        long heardAt = provider.calls(user(first)).getFirst().ended(); // before anybody here heard of it
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(100))
                .until(() -> {
                    await(scheduler.sweep());
                    unavailableOrRenewed(same.getFirst());
                    return Stream.concat(same.stream(), others.stream())
                            .allMatch(each -> row(each).version() == 2);
                });

        assertThat(same)
                .allSatisfy(each -> assertThat(provider.calls(user(each)))
                        .singleElement()
                        .satisfies(call -> assertThat(call.arrived() - heardAt)
                                .isGreaterThan(Duration.ofMillis(5_900).toNanos())));
        assertThat(others)
                .allSatisfy(each -> assertThat(provider.calls(user(each)))
                        .singleElement()
                        .satisfies(call -> assertThat(call.arrived() - heardAt)
                                .isLessThan(Duration.ofMillis(5_900).toNanos())));
        assertUntouched();
    }

    @Test
    void wrongClientIsAskedForOnceAndTouchesNothing() {
        List<StoredCredential> valid =
                IntStream.range(0, 10).mapToObj(i -> ending("strict", 50)).toList();
        List<StoredCredential> expired =
                IntStream.range(0, 10).mapToObj(i -> expired("strict")).toList();
        StoredCredential other = expired("steady");
        List<StoredCredential> all = new ArrayList<>(valid);
        all.addAll(expired);
        all.forEach(each -> provider.next(user(each), StrictProvider.error(401, "invalid_client")));
        StoredCredential first = expired.getFirst();
        String turn = database.get(first.key().id(), "next_refresh_at");

        assertMisconfigured(first);
        for (int i = 0; i < 3; i++) {
            await(scheduler.sweep());
            expired.forEach(this::assertMisconfigured);
            valid.forEach(each -> {
                AccessToken token = get(each);
                assertThat(token.value().reveal()).isEqualTo("at~" + user(each) + "~1~1");
                assertThat(token.freshness()).isEqualTo(AccessToken.Freshness.DEGRADED);
                assertThat(token.warning()).isEqualTo("invalid_client");
            });
        }

        Awaitility.await().until(() -> row(other).version() == 2);
        assertThat(provider.calls().stream().filter(call -> call.provider().equals("strict")))
                .hasSize(1);
        assertUntouched();
        assertThat(database.get(first.key().id(), "next_refresh_at")).isEqualTo(turn);
        Awaitility.await().untilAsserted(() -> assertThat(circuit()).isEqualTo(1));
        assertThat(Api.management().get("/q/health/group/providers").asString())
                .containsPattern("\"circuit\":\\s*\"open\"")
                .containsPattern("\"reason\":\\s*\"invalid_client\"");
    }

    @Test
    void backlogIsShown() {
        IntStream.range(0, 3).forEach(i -> expired("orphan"));
        BacklogReader reader = new BacklogReader(stored, readings);

        await(reader.read(catalogue.all()));

        assertThat(Api.metric("nexus_oauth_refresh_overdue", "provider=\"orphan\""))
                .isEqualTo(3);
        assertThat(Api.metric("nexus_oauth_refresh_lag_seconds", "provider=\"orphan\""))
                .isBetween(3900.0, 4000.0);
        database.run("DELETE FROM oauth_credentials");
        await(reader.read(catalogue.all())); // too soon: it costs a statement
        assertThat(Api.metric("nexus_oauth_refresh_overdue", "provider=\"orphan\""))
                .isEqualTo(3);
    }

    // the failures of one tenant must not block the others, even with the same client id
    @Test
    void tenantsOwnClientHasItsOwnGate() {
        String tenant = Api.newTenant();
        Api.as(tenant)
                .body(Map.of("client_id", StrictProvider.CLIENT, "client_secret", StrictProvider.SECRET))
                .put("/api/v1/clients/strict")
                .then()
                .statusCode(200);
        Map<String, Object> grant = Api.grant("expires_in", 0);
        grant.put("provider", "strict");
        grant.put("refresh_token", "rt~x~1~1");
        String id = Api.imported(tenant, grant);
        provider.next("x", StrictProvider.rateLimited("60"));
        for (int i = 0; i < 2; i++) {
            Api.assertProblem(Api.as(tenant).get("/api/v1/credentials/" + id + "/token"), 503, "provider-unavailable");
        }
        assertThat(provider.calls("x")).hasSize(1);

        assertThat(get(expired("strict")).version()).isEqualTo(2);
        await(scheduler.sweep());
        StoredCredential due = expired("strict");
        await(scheduler.sweep());
        Awaitility.await().until(() -> row(due).version() == 2);
    }

    private List<StoredCredential> manyDue() {
        List<StoredCredential> due =
                IntStream.range(0, MANY).mapToObj(i -> connect("strict")).toList();
        // when it is due says one thing, when the token ends another
        database.run("UPDATE oauth_credentials SET next_refresh_at = clock_timestamp() - random() * interval '1 h',"
                + " expires_at = clock_timestamp() + (random() - 0.5) * interval '1 h'");
        return due;
    }

    /** Each lease statement takes the most urgent of the thousand longest due, and its requests run concurrently. */
    private void assertArrivedByDeadline(List<StoredCredential> due, List<Call> calls) {
        Map<String, StoredCredential> byUser = new HashMap<>();
        due.forEach(each -> byUser.put(user(each), each));
        List<StoredCredential> arrived = calls.stream()
                .sorted(Comparator.comparingLong(Call::arrived))
                .map(call -> byUser.get(call.user()))
                .toList();
        List<StoredCredential> waiting = new ArrayList<>(due);
        waiting.sort(Comparator.comparing(each -> each.refresh().nextAt()));
        for (StoredCredential each : arrived) {
            List<StoredCredential> near = waiting.subList(0, Math.min(1000 + 2 * MOST, waiting.size()));
            long moreUrgent = near.stream()
                    .filter(other -> other.expiresAt().isBefore(each.expiresAt()))
                    .count();
            assertThat(near).contains(each);
            assertThat(moreUrgent).as("overtaken by " + user(each)).isLessThanOrEqualTo(4 * MOST);
            waiting.remove(each);
        }
    }

    private void assertUntouched() {
        assertThat(database.count("SELECT count(*) FROM oauth_credentials WHERE failures > 0 OR last_error IS NOT NULL"
                        + " OR last_failed_at IS NOT NULL OR status <> 'active'"))
                .isZero();
        Awaitility.await()
                .untilAsserted(() -> assertThat(
                                database.count(
                                        "SELECT count(*) FROM oauth_credentials WHERE unresolved > 0 OR lease_until IS NOT NULL"))
                        .isZero());
    }

    private static double circuit() {
        return Api.metric("nexus_oauth_provider_circuit", "provider=\"strict\"");
    }

    private long attempts() {
        return heard.activity().stream()
                .filter(each -> each instanceof Activity.Refresh)
                .count();
    }

    private void unavailableOrRenewed(StoredCredential credential) {
        if (row(credential).version() == 1) {
            Throwable failure = failure(credential);
            if (failure != null) {
                assertThat(((ProviderException) failure).code()).isEqualTo("rate_limited");
            }
        }
    }

    private void assertMisconfigured(StoredCredential credential) {
        assertThat(failure(credential))
                .isInstanceOfSatisfying(
                        ProviderException.Misconfigured.class,
                        e -> assertThat(e.code()).isEqualTo("invalid_client"));
    }
}
