package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.SealedClient;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.event.Reading;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.TestCatalogue;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.testing.TestFiles;
import io.nexus.oauth.token.client.ClientLimiters;
import io.nexus.oauth.token.client.ClientRegistrations;
import io.nexus.oauth.token.client.ProviderClients;
import io.nexus.oauth.token.grant.RefreshConfig;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Event;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A catalogue with more providers than statements that the pool of 16 connections lets wait. */
@QuarkusTest
class ManyProvidersTest extends TokenFixture {

    private static final int MANY = 400;

    @Inject
    RefreshStore refreshes;

    @Inject
    RefreshPreconditions preconditions;

    @Inject
    ClientRegistrations registrations;

    @Inject
    CancellationShield shield;

    @Inject
    BacklogReader backlog;

    @Inject
    SchedulerWatchdog watchdog;

    @Inject
    Replicas replicas;

    @Inject
    Event<Reading> readings;

    @Inject
    Vertx vertx;

    private RefreshScheduler scheduler;
    private StoredCredential other;

    @BeforeEach
    void connectOneAtEach() throws IOException {
        StringBuilder yaml = new StringBuilder("providers:\n");
        IntStream.rangeClosed(1, MANY).forEach(i -> yaml.append("""
                  many-%1$d:
                    name: Number %1$d
                    authorize: {url: "%2$s/many-%1$d/authorize"}
                    token: {url: "%2$s/many-%1$d/token", auth: post}
                    refresh: {rotation: always, grace_s: 0}
                    revoke: {style: none}
                """.formatted(i, provider.url())));
        Path file = TestFiles.path("many-providers", "catalogue.yaml");
        Files.createDirectories(file.getParent());
        ProviderCatalogue catalogue = TestCatalogue.of(Files.writeString(file, yaml.toString()), vertx);
        RefreshConfig settings = RefreshSettings.with(Map.of());
        ProviderClients clients =
                new ProviderClients(catalogue, registrations, new ClientLimiters(registrations, settings, readings));
        scheduler = new RefreshScheduler(
                refreshes,
                clients,
                replicas.refresher(clients, settings, shield),
                preconditions,
                shield,
                settings,
                backlog,
                watchdog);
        register();
        other = connect("steady");
        for (int i = 0; i < MANY; i++) {
            connect("strict");
        }
        database.run(
                "UPDATE oauth_credentials c SET provider = 'many-' || n.number, expires_at = now() - interval '1 h',"
                        + " issued_at = now() - interval '2 h', next_refresh_at = now() - interval '65 min' FROM"
                        + " (SELECT credential_id, row_number() OVER () AS number FROM oauth_credentials"
                        + "  WHERE provider = 'strict') n WHERE n.credential_id = c.credential_id");
    }

    private void register() {
        List<Uni<SealedClient>> saves = IntStream.rangeClosed(1, MANY)
                .mapToObj(i -> shield.run(() -> registrations.save(
                        TenantId.DEFAULT,
                        new ClientRegistration(
                                "many-" + i,
                                StrictProvider.CLIENT,
                                Secret.of(StrictProvider.SECRET),
                                Scopes.NONE,
                                null,
                                Map.of()),
                        "tester")))
                .toList();
        await(Uni.join().all(saves).usingConcurrencyOf(4).andFailFast());
    }

    @AfterEach
    void dropSequence() {
        database.heal("oauth_credentials");
        database.run("DROP SEQUENCE IF EXISTS refusals");
    }

    @Test
    void oneTickLeasesAllThatIsDueAndLeavesThePoolToOthers() {
        CompletableFuture<Void> sweep = scheduler.sweep().subscribeAsCompletionStage();
        int reads = 0;
        do {
            assertThat(row(other).version()).isEqualTo(1);
            reads++;
        } while (!sweep.isDone());

        assertThat(sweep).succeedsWithin(Duration.ZERO);
        assertThat(database.count("SELECT count(*) FROM oauth_credentials WHERE lease_epoch = 1"))
                .isEqualTo(MANY);
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> database.count("SELECT count(*) FROM oauth_credentials WHERE token_version = 2") == MANY);
        assertThat(provider.calls()).hasSize(MANY);
        assertThat(database.count("SELECT count(*) FROM oauth_credentials WHERE last_error IS NOT NULL"))
                .isZero();
        System.out.println(reads + " reads of another credential during the sweep of " + MANY + " providers");
    }

    @Test
    void unwritableDatabaseIsNotAskedForEachProvider() {
        database.run("CREATE SEQUENCE refusals");
        database.run("CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
                + " $$ BEGIN PERFORM nextval('refusals');"
                + " RAISE EXCEPTION 'no space left on device' USING ERRCODE = '53100'; END $$");
        database.run("CREATE OR REPLACE TRIGGER broken BEFORE UPDATE ON oauth_credentials EXECUTE FUNCTION refuse()");

        await(scheduler.sweep());

        assertThat(database.count("SELECT last_value FROM refusals"))
                .isBetween(4L, 2L * RefreshScheduler.LEASES_AT_ONCE);
        database.heal("oauth_credentials");
        await(scheduler.sweep());
        assertThat(database.count("SELECT count(*) FROM oauth_credentials WHERE lease_epoch = 1"))
                .isEqualTo(MANY);
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .until(() -> database.count("SELECT count(*) FROM oauth_credentials WHERE token_version = 2") == MANY);
    }

    @Test
    void theLongestDueIsServedFirst() {
        database.run("UPDATE oauth_credentials SET next_refresh_at = now() - interval '2 h'"
                + " WHERE provider IN ('many-399', 'many-400')");
        database.run("UPDATE oauth_credentials SET next_refresh_at = now() + interval '1 h' WHERE provider = 'many-7'");

        List<String> due = await(refreshes.dueProviders(
                IntStream.rangeClosed(1, MANY).mapToObj(i -> "many-" + i).toList()));

        assertThat(due).hasSize(MANY - 1).doesNotContain("many-7");
        assertThat(due.subList(0, 2)).containsExactlyInAnyOrder("many-399", "many-400");
        assertThat(await(refreshes.dueProviders(List.of("many-7", "steady")))).isEmpty();
    }
}
