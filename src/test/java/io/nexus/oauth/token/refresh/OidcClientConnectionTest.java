package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.AccessToken.Freshness;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.provider.oidc.OidcClientTokens;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.provider.reply.ValidationReply;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.token.CredentialCheck;
import io.nexus.oauth.token.Revocation;
import io.nexus.oauth.token.TokenQuery;
import io.nexus.oauth.token.machine.MachineConnections;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Machine connections whose tokens the Quarkus OIDC client gets. */
@QuarkusTest
class OidcClientConnectionTest extends TokenFixture {

    private static final String EXPIRED =
            "issued_at = clock_timestamp() - interval '2 h', expires_at = clock_timestamp()"
                    + " - interval '1 h', next_refresh_at = clock_timestamp() - interval '65 min'";

    @Inject
    MachineConnections machines;

    @Inject
    OidcClientTokens oidc;

    @Inject
    CredentialCheck check;

    @Inject
    RefreshScheduler scheduler;

    @Test
    void theExtensionAsksAndNothingButTheTokenIsKept() {
        provider.next(
                "payroll",
                provider.machineToken(
                        "\"refresh_token\": \"rt\", \"refresh_token_expires_in\": 60, \"scope\": \"read\""));

        StoredCredential stored = row(created("payroll"));

        assertThat(provider.machineRequests())
                .singleElement()
                .satisfies(form -> assertThat(form)
                        .contains(
                                "grant_type=client_credentials",
                                "scope=read write",
                                "audience=payroll",
                                "client_id=" + StrictProvider.CLIENT));
        assertThat(stored.isMachine()).isTrue();
        assertThat(stored.request()).isEqualTo(request("payroll"));
        assertThat(stored.request().oidcClient()).isEqualTo("payroll");
        assertThat(stored.clientId()).isEqualTo("quarkus.oidc-client.payroll");
        assertThat(stored.scopes().values()).containsExactly("read");
        assertThat(stored.refreshToken()).isNull();
        assertThat(stored.refresh().tokenExpiresAt()).isNull();
        assertThat(get(stored).value().reveal()).isEqualTo("at~payroll~0~1");
        assertThat(provider.calls("payroll")).hasSize(1);
        assertThat(await(check.test(stored.key())).atProvider()).isEqualTo(ValidationReply.UNSUPPORTED);
    }

    @Test
    void theScheduleRenewsItAsLongAsItLives() {
        StoredCredential machine = created("nights");
        for (int expiry = 1; expiry <= 3; expiry++) {
            database.set(machine.key().id(), EXPIRED);
            long before = row(machine).version();

            await(scheduler.sweep());

            Awaitility.await().until(() -> row(machine).version() == before + 1);
            assertThat(get(machine).value().reveal()).isEqualTo("at~nights~0~" + (expiry + 1));
        }
        assertThat(provider.calls("nights")).hasSize(4);
        assertThat(database.audit(machine.key().id())).contains("token_refreshed:due");
        assertThat(row(machine).refresh().nextAt()).isAfter(Instant.now());
    }

    @Test
    void aThousandCallersOfAnExpiredOneCauseOneRequest() {
        StoredCredential machine = overdue("crowd");
        provider.delay(Duration.ofMillis(300));
        long start = System.nanoTime();

        List<AccessToken> handedOut = await(Uni.join()
                .all(IntStream.range(0, 1_000)
                        .mapToObj(i -> tokens.getValidToken(machine.key(), TokenQuery.DEFAULT))
                        .toList())
                .andFailFast());

        System.out.println(
                "1,000 callers of one expired connection of the Quarkus OIDC client, 300 ms at the provider: "
                        + Duration.ofNanos(System.nanoTime() - start).toMillis() + " ms, "
                        + (provider.calls("crowd").size() - 1)
                        + " request");
        assertThat(handedOut).extracting(token -> token.value().reveal()).containsOnly("at~crowd~0~2");
        assertThat(provider.calls("crowd")).hasSize(2);
    }

    @Test
    void itServesItsTokenWhileTheProviderIsAway() {
        StoredCredential machine = created("patient");
        database.set(
                machine.key().id(),
                "issued_at = clock_timestamp() - interval '1 h', expires_at = clock_timestamp() + interval '40 s',"
                        + " next_refresh_at = clock_timestamp() - interval '5 min'");
        provider.down(true);
        try {
            AccessToken token = get(machine);

            assertThat(token.freshness()).isEqualTo(Freshness.DEGRADED);
            assertThat(token.value().reveal()).isEqualTo("at~patient~0~1");
            limiters.forget();
            database.set(machine.key().id(), EXPIRED);
            assertThat(unavailable(machine)).isEqualTo("provider_unreachable");
        } finally {
            provider.down(false);
        }
        limiters.forget();
        database.set(machine.key().id(), EXPIRED);
        assertThat(get(machine).value().reveal()).isEqualTo("at~patient~0~2");
    }

    @Test
    void nothingIsStoredOfARefusedClient() {
        assertThatThrownBy(() -> created("stranger"))
                .isInstanceOfSatisfying(ProviderException.Misconfigured.class, e -> {
                    assertThat(e.code()).isEqualTo("invalid_client");
                    assertThat(e).hasMessageContaining("Correct client-id and credentials of the client");
                });

        assertThat(provider.calls("stranger")).hasSize(1);
        assertThat(await(tokens.findCredential(account("strict", "stranger")))).isEmpty();
        // the circuit of this client is open, and the client that the service registered works
        assertThatThrownBy(() -> created("stranger")).isInstanceOf(ProviderException.Misconfigured.class);
        assertThat(provider.calls("stranger")).hasSize(1);
        assertThat(get(expired("strict")).value()).isNotNull();
    }

    @Test
    void aWrongSecretOfAStoredOneIsForTheOperatorAndEndsNothing() {
        StoredCredential machine = overdue("odd");
        provider.secret("another");

        assertThatThrownBy(() -> get(machine))
                .isInstanceOfSatisfying(
                        ProviderException.Misconfigured.class,
                        e -> assertThat(e.code()).isEqualTo("invalid_client"));

        provider.secret(StrictProvider.SECRET);
        limiters.forget();
        assertThat(get(machine).value().reveal()).isEqualTo("at~odd~0~2");
    }

    /** The extension tells neither a status nor a header, and fails to read these. */
    @Test
    void eachAnswerHasTheVerdictOfOurOwnReader() {
        StoredCredential machine = overdue("limited");
        provider.next("limited", StrictProvider.rateLimited("7"));
        assertThatThrownBy(() -> get(machine)).isInstanceOfSatisfying(ProviderException.Unavailable.class, e -> {
            assertThat(e.code()).isEqualTo("rate_limited");
            assertThat(e.retryAfter()).isBetween(Duration.ofSeconds(5), Duration.ofSeconds(7));
        });

        assertThat(codeAfter(machine, StrictProvider.html())).isEqualTo("unreadable_reply");
        assertThat(codeAfter(machine, StrictProvider.status(200, "Content-Type: application/json", "")))
                .isEqualTo("unreadable_reply");
        assertThat(codeAfter(machine, StrictProvider.body("{\"refresh_token\": \"rt\"}")))
                .isEqualTo("no_token");
        assertThat(codeAfter(machine, StrictProvider.status(302, "Location: https://elsewhere.example/", "")))
                .isEqualTo("redirect");
        assertThat(codeAfter(machine, StrictProvider.error(400, "invalid_scope")))
                .isEqualTo("invalid_scope");
        assertThat(codeAfter(machine, StrictProvider.error(500, "oops"))).isEqualTo("provider_error");
        assertThat(codeAfter(machine, StrictProvider.body("{\"error\": \"invalid_target\"}")))
                .isEqualTo("invalid_target");
        assertThat(codeAfter(machine, StrictProvider.body("{\"access_token\": \"" + "a".repeat(256 * 1024) + "\"}")))
                .isEqualTo("provider_error");
        askAgain(machine);
        provider.next("limited", StrictProvider.body("{\"access_token\": \"odd-life\", \"expires_in\": \"3600.0\"}"));
        assertThat(get(machine).expiresAt()).isAfter(Instant.now().plusSeconds(3_500));
    }

    private String codeAfter(StoredCredential machine, StrictProvider.Reply reply) {
        askAgain(machine);
        provider.next(user(machine), reply);
        Throwable failure = failure(machine);
        assertThat(failure).isInstanceOf(ProviderException.class);
        return ((ProviderException) failure).code();
    }

    private void askAgain(StoredCredential machine) {
        limiters.forget();
        database.set(
                machine.key().id(),
                "next_refresh_at = clock_timestamp(), last_failed_at = clock_timestamp() - interval '1 min'");
    }

    @Test
    void revokingItRevokesItsTokenAtTheProvider() {
        StoredCredential machine = created("leaver");

        Revocation revocation = await(tokens.revokeCredential(machine.key(), "bob"));

        assertThat(revocation.provider()).isEqualTo(Revocation.AtProvider.REVOKED);
        assertThat(provider.revocations())
                .singleElement()
                .satisfies(form -> assertThat(form).containsEntry("token", "at~leaver~0~1"));
    }

    /** Each tenant has a connection of its own. What they share is the limiter of the client. */
    @Test
    void tenantsWithTheSameClientHaveConnectionsOfTheirOwn() {
        StoredCredential ours = created("shared");
        StoredCredential theirs =
                created(new AccountKey(TenantId.configured("acme"), "strict", "shared"), request("shared"));

        assertThat(theirs.key()).isNotEqualTo(ours.key());
        assertThat(get(ours).value().reveal()).isEqualTo("at~shared~0~1");
        assertThat(get(theirs).value().reveal()).isEqualTo("at~shared~0~2");
        await(tokens.revokeCredential(theirs.key(), "bob"));
        assertThat(get(ours).value().reveal()).isEqualTo("at~shared~0~1");
        assertThat(limiters.states().get("strict"))
                .filteredOn(each -> each.clientId().equals("quarkus.oidc-client.shared"))
                .singleElement()
                .satisfies(each -> assertThat(each.tenant()).isNull());
    }

    @Test
    void noCallerChoosesTheClient() {
        assertThatThrownBy(() -> machines.createForTenant(
                        account("strict", "greedy"), request("payroll"), AccessLimits.ALL, "tester", false))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(provider.calls("payroll")).isEmpty();
    }

    @Test
    void aClientThatIsNotThereOrIsOffIsRefused() {
        assertThat(oidc.fault("nobody")).contains("is not in the configuration");
        assertThat(oidc.fault("off")).contains("is switched off by client-enabled");
        assertThat(oidc.request("nobody")).isEmpty();
        for (String id : List.of("nobody", "off")) {
            TokenRequest request =
                    TokenRequest.ofOidcClient(id, request("payroll").scopes(), null);

            assertThatThrownBy(() -> created(account("strict", id), request))
                    .isInstanceOfSatisfying(
                            ProviderException.Misconfigured.class,
                            e -> assertThat(e.code()).isEqualTo("client_not_registered"));
        }
    }

    private TokenRequest request(String id) {
        return oidc.request(id).orElseThrow();
    }

    private StoredCredential created(String id) {
        return created(account("strict", id), request(id));
    }

    private StoredCredential created(AccountKey account, TokenRequest request) {
        return await(machines.create(account, request, AccessLimits.ALL, "tester", false))
                .credential();
    }

    private StoredCredential overdue(String id) {
        StoredCredential machine = created(id);
        database.set(machine.key().id(), EXPIRED);
        return row(machine);
    }
}
