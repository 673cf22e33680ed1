package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.AccessToken.Freshness;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialState;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.GrantType;
import io.nexus.oauth.credential.SavedCredential;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.testing.StrictProviderResource;
import io.nexus.oauth.token.Revocation;
import io.nexus.oauth.token.TokenQuery;
import io.nexus.oauth.token.machine.MachineConnections;
import io.quarkus.test.junit.QuarkusTest;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Machine connections: the OAuth client asks for tokens of its own (RFC 6749 section 4.4). */
@QuarkusTest
class MachineConnectionTest extends TokenFixture {

    private static final String EXPIRED =
            "issued_at = clock_timestamp() - interval '2 h', expires_at = clock_timestamp()"
                    + " - interval '1 h', next_refresh_at = clock_timestamp() - interval '65 min'";

    private final Instant started = Instant.now();

    @Inject
    MachineConnections machines;

    @Inject
    RefreshScheduler scheduler;

    @Inject
    RejectionSurge surge;

    @Test
    void theFirstTokenProvesTheConnection() {
        provider.next(
                "billing",
                provider.machineToken(
                        "\"refresh_token\": \"rt\", \"refresh_token_expires_in\": 60, \"scope\": \"read\""));

        StoredCredential created = created("strict", "billing", request("billing", "https://a.example", "urn:b"));

        assertThat(provider.machineRequests())
                .containsExactly(List.of(
                        "grant_type=client_credentials",
                        "scope=read write",
                        "audience=billing",
                        "client_id=" + StrictProvider.CLIENT,
                        "resource=https://a.example",
                        "resource=urn:b"));
        StoredCredential stored = row(created);
        assertThat(stored.grantType()).isEqualTo(GrantType.CLIENT_CREDENTIALS);
        assertThat(stored.request()).isEqualTo(request("billing", "https://a.example", "urn:b"));
        assertThat(stored.scopes().values()).containsExactly("read");
        // RFC 6749 section 4.4.3: a refresh token should not be included, and is of no use
        assertThat(stored.refreshToken()).isNull();
        assertThat(stored.refresh().tokenExpiresAt()).isNull();
        assertThat(database.get(stored.key().id(), "quarantine_ms")).isEqualTo("0");
        assertThat(get(stored).value().reveal()).isEqualTo("at~billing~0~1");
        assertThat(provider.calls("billing")).hasSize(1);
        assertThat(await(tokens.getCredential(stored.account())).orElseThrow().request())
                .isEqualTo(stored.request());
    }

    @Test
    void theScheduleRenewsItAsLongAsItLives() {
        StoredCredential machine = created("strict", "nightly", request("nightly"));
        for (int expiry = 1; expiry <= 3; expiry++) {
            database.set(machine.key().id(), EXPIRED);
            long before = row(machine).version();

            await(scheduler.sweep());

            Awaitility.await().until(() -> row(machine).version() == before + 1);
            assertThat(get(machine).value().reveal()).isEqualTo("at~nightly~0~" + (expiry + 1));
        }
        assertThat(provider.calls("nightly")).hasSize(4);
        assertThat(database.audit(machine.key().id())).contains("token_refreshed:due");
        assertThat(row(machine).refresh().nextAt()).isAfter(Instant.now());
    }

    @Test
    void aThousandCallersOfAnExpiredOneCauseOneRequest() {
        StoredCredential machine = overdue("busy");
        provider.delay(Duration.ofMillis(300));
        long start = System.nanoTime();

        List<AccessToken> handedOut = await(Uni.join()
                .all(IntStream.range(0, 1_000)
                        .mapToObj(i -> tokens.getValidToken(machine.key(), TokenQuery.DEFAULT))
                        .toList())
                .andFailFast());

        System.out.println("1,000 callers of one expired machine connection, 300 ms at the provider: "
                + Duration.ofNanos(System.nanoTime() - start).toMillis() + " ms, "
                + (provider.calls("busy").size() - 1)
                + " request");
        assertThat(handedOut).extracting(token -> token.value().reveal()).containsOnly("at~busy~0~2");
        assertThat(provider.calls("busy")).hasSize(2);
    }

    /** The second secret works as soon as the provider refuses the first; a changed file does at once. */
    @Test
    void aSecretIsRotatedWithoutAFailedRead() throws IOException {
        StoredCredential second = created("graceful", "second", request("second"));
        StoredCredential file = created("steady", "file", request("file"));
        database.set(second.key().id(), EXPIRED);
        database.set(file.key().id(), EXPIRED);
        provider.secret("not the right one"); // the second secret of graceful
        Files.writeString(StrictProviderResource.secretFile(), "not the right one\n");

        assertThat(get(second).value().reveal()).isEqualTo("at~second~0~2");
        assertThat(get(file).value().reveal()).isEqualTo("at~file~0~2");

        assertThat(provider.calls("second")).hasSize(3);
        assertThat(provider.calls("file")).hasSize(2);
    }

    @Test
    void itServesItsTokenWhileTheProviderIsAway() {
        StoredCredential machine = created("strict", "patient", request("patient"));
        database.set(
                machine.key().id(),
                "issued_at = clock_timestamp() - interval '1 h', expires_at = clock_timestamp() + interval '40 s',"
                        + " next_refresh_at = clock_timestamp() - interval '5 min'");
        provider.down(true);
        try {
            AccessToken token = get(machine);

            assertThat(token.freshness()).isEqualTo(Freshness.DEGRADED);
            assertThat(token.value().reveal()).isEqualTo("at~patient~0~1");
        } finally {
            provider.down(false);
        }
        limiters.forget();
        database.set(machine.key().id(), EXPIRED);
        assertThat(get(machine).value().reveal()).isEqualTo("at~patient~0~2");
    }

    /** The request spends nothing, so the next one need not wait for the end of a quarantine. */
    @ParameterizedTest
    @CsvSource({"strict", "graceful"})
    void anUnknownOutcomeIsAskedForAgainWithoutAQuarantine(String at) {
        StoredCredential machine = created(at, "cut" + at, request("cut" + at));
        database.set(machine.key().id(), EXPIRED);
        provider.next("cut" + at, StrictProvider.cut());

        assertThat(unavailable(machine)).isEqualTo("provider_error");

        StoredCredential after = row(machine);
        assertThat(after.refresh().blockedFor()).isZero();
        assertThat(after.refresh().unresolved()).isZero();
        assertThat(after.refresh().nextAt()).isBefore(Instant.now().plusSeconds(31));
        assertThat(after.refresh().failures()).isOne();
        passConfirmation(machine);
        assertThat(get(machine).value().reveal()).isEqualTo("at~cut" + at + "~0~2");
        assertThat(provider.calls("cut" + at)).hasSize(3);
    }

    @Test
    void anUnreadableAnswerIsAskedForAgainWithoutAQuarantine() {
        StoredCredential machine = overdue("odd");
        provider.next("odd", StrictProvider.html());

        assertThat(unavailable(machine)).isEqualTo("unreadable_reply");

        assertThat(row(machine).refresh().blockedFor()).isZero();
        database.set(
                machine.key().id(),
                "next_refresh_at = clock_timestamp(), last_failed_at = clock_timestamp() - interval '1 min'");
        assertThat(get(machine).value().reveal()).isEqualTo("at~odd~0~2");
    }

    @Test
    void anAnswerWithARefreshTokenOnlyIsNone() {
        StoredCredential machine = overdue("bare");
        provider.next("bare", StrictProvider.body("{\"refresh_token\": \"rt\"}"));

        assertThat(unavailable(machine)).isEqualTo("no_token");
        assertThat(row(machine).refreshToken()).isNull();
    }

    /** No person can connect it again, so no refusal ends it: an operator corrects the fault, and it works again. */
    @ParameterizedTest
    @CsvSource({
        "400, invalid_grant",
        "400, invalid_scope",
        "400, unauthorized_client",
        "400, invalid_target",
        "403, access_denied",
        "400, customer_suspended" // a code that nobody knows
    })
    void aRefusalIsForTheOperatorAndEndsNothing(int status, String code) {
        StoredCredential machine = overdue("refused-" + code);
        for (int refusal = 1; refusal <= 6; refusal++) {
            provider.next("refused-" + code, StrictProvider.error(status, code));

            assertThatThrownBy(() -> get(machine))
                    .isInstanceOfSatisfying(
                            ProviderException.Misconfigured.class,
                            e -> assertThat(e.code()).isEqualTo(code));
            // while it backs off, the answer is the same and the provider is not asked
            assertThatThrownBy(() -> get(machine)).isInstanceOf(ProviderException.Misconfigured.class);

            StoredCredential after = row(machine);
            assertThat(after.status()).isEqualTo(CredentialStatus.ACTIVE);
            assertThat(after.refresh().failures()).isEqualTo(refusal);
            assertThat(after.refresh().suspectedAt()).isNull();
            assertThat(provider.calls("refused-" + code)).hasSize(1 + refusal);
            // another grant of the client works meanwhile, which would end the grant of a person
            renewAnother();
            passConfirmation(machine);
        }
        assertThat(get(machine).value().reveal()).isEqualTo("at~refused-" + code + "~0~2");
        assertThat(row(machine).refresh().lastError()).isNull();
    }

    @Test
    void aRefusedClientIsNotAskedAgain() {
        StoredCredential machine = overdue("stranger");
        StoredCredential other = overdue("stranger2");
        provider.secret("another");

        assertThatThrownBy(() -> get(machine))
                .isInstanceOfSatisfying(
                        ProviderException.Misconfigured.class,
                        e -> assertThat(e.code()).isEqualTo("invalid_client"));
        assertThatThrownBy(() -> get(other)).isInstanceOf(ProviderException.Misconfigured.class);

        assertThat(provider.calls("stranger")).hasSize(2);
        assertThat(provider.calls("stranger2")).hasSize(1);
        assertThat(row(machine).refresh().failures()).isZero();
    }

    @Test
    void revokingItRevokesItsTokenAtTheProvider() {
        StoredCredential machine = created("strict", "leaver", request("leaver"));

        Revocation revocation = await(tokens.revokeCredential(machine.key(), "bob"));

        assertThat(revocation.provider()).isEqualTo(Revocation.AtProvider.REVOKED);
        assertThat(provider.revocations())
                .singleElement()
                .satisfies(form -> assertThat(form)
                        .containsEntry("token", "at~leaver~0~1")
                        .containsEntry("token_type_hint", "access_token"));
        assertThatThrownBy(() -> get(machine)).isInstanceOf(CredentialException.Revoked.class);
        await(scheduler.sweep());
        assertThat(provider.calls("leaver")).hasSize(1);

        assertThat(created("strict", "leaver", request("leaver")).key()).isEqualTo(machine.key());
        assertThat(get(machine).value().reveal()).isEqualTo("at~leaver~0~2");
    }

    @Test
    void anExpiredOneIsExpiredAndNeverEnds() {
        StoredCredential machine = overdue("lasting");

        assertThat(row(machine).state(Instant.now())).isEqualTo(CredentialState.EXPIRED);
        assertThat(row(machine).isRefreshable()).isTrue();
        database.set(machine.key().id(), "expires_at = clock_timestamp() + interval '1 h'");
        assertThat(row(machine).state(Instant.now())).isEqualTo(CredentialState.VALID);
    }

    @Test
    void anotherRequestReplacesTheOneBefore() {
        StoredCredential first = created("strict", "changed", request("changed"));

        SavedCredential second = await(
                machines.create(first.account(), request("changed", "urn:new"), AccessLimits.ALL, "tester", false));

        assertThat(second.created()).isFalse();
        assertThat(second.credential().key()).isEqualTo(first.key());
        assertThat(row(first).request()).isEqualTo(request("changed", "urn:new"));
    }

    @Test
    void nothingIsStoredOfARefusedOne() {
        provider.next("refused", StrictProvider.error(400, "invalid_scope"));

        assertThatThrownBy(() -> created("strict", "refused", request("refused")))
                .isInstanceOf(ProviderException.Misconfigured.class)
                .hasMessageContaining("invalid_scope: the provider does not grant these scopes");

        assertThat(await(tokens.findCredential(account("strict", "refused")))).isEmpty();
    }

    /** A revocation is stronger than a request that was under way: its answer must not bring the credential back. */
    @Test
    void aRevocationDuringTheRequestStaysAndTheNewTokenIsRevoked() {
        StoredCredential machine = created("strict", "raced", request("raced"));
        StrictProvider.Hold held = provider.hold("raced");
        CompletableFuture<SavedCredential> again = machines.create(
                        machine.account(), request("raced"), AccessLimits.ALL, "tester", false)
                .subscribeAsCompletionStage();
        held.awaitArrival();
        await(tokens.revokeCredential(machine.key(), "bob"));

        held.release();

        assertThat(again)
                .failsWithin(Duration.ofSeconds(30))
                .withThrowableThat()
                .withCauseInstanceOf(CredentialException.RevokedMeanwhile.class);
        assertThat(row(machine).status()).isEqualTo(CredentialStatus.REVOKED);
        assertThat(row(machine).accessToken()).isNull();
        assertThat(revoked()).containsExactly("at~raced~0~1", "at~raced~0~2");
        assertThat(failures("raced")).containsExactly("tester revoked");
        assertThat(created("strict", "raced", request("raced")).key()).isEqualTo(machine.key());
    }

    /** The account had no credential when the provider was asked; by the answer it has a revoked one. */
    @Test
    void aRevocationOfOneThatIsCreatedMeanwhileStays() {
        StrictProvider.Hold held = provider.hold("late");
        CompletableFuture<SavedCredential> first = machines.create(
                        account("strict", "late"), request("late"), AccessLimits.ALL, "tester", false)
                .subscribeAsCompletionStage();
        held.awaitArrival();
        StoredCredential machine = created("strict", "late", request("late"));
        await(tokens.revokeCredential(machine.key(), "bob"));

        held.release();

        assertThat(first).failsWithin(Duration.ofSeconds(30));
        assertThat(row(machine).status()).isEqualTo(CredentialStatus.REVOKED);
    }

    @Test
    void aFailedCreationLeavesALineInTheTrail() {
        provider.next("denied", StrictProvider.error(400, "invalid_scope"));

        assertThatThrownBy(() -> created("strict", "denied", request("denied")))
                .isInstanceOf(ProviderException.Misconfigured.class);

        assertThat(failures("denied")).containsExactly("tester invalid_scope");
    }

    /** An outage that the limiter knows costs no request, and a loop of calls then writes no lines. */
    @Test
    void aCreationThatAsksNobodyLeavesNoLine() {
        provider.secret("another");
        for (int call = 1; call <= 3; call++) {
            assertThatThrownBy(() -> created("strict", "looping", request("looping")))
                    .isInstanceOf(ProviderException.Misconfigured.class);
        }

        assertThat(provider.calls("looping")).hasSize(1);
        assertThat(failures("looping")).containsExactly("tester invalid_client");
    }

    private List<String> revoked() {
        return provider.revocations().stream().map(form -> form.get("token")).toList();
    }

    private List<String> failures(String user) {
        return database.all(
                "SELECT actor || ' ' || detail FROM audit_events WHERE operation = 'machine_connection_failed'"
                        + " AND happened_at >= '" + started + "' AND user_email = '" + user + "' ORDER BY event_id");
    }

    @Test
    void nothingIsStoredWhileTheProviderIsAway() {
        provider.down(true);
        try {
            assertThatThrownBy(() -> created("strict", "early", request("early")))
                    .isInstanceOfSatisfying(ProviderException.Unavailable.class, e -> {
                        assertThat(e.code()).isEqualTo("provider_unreachable");
                        assertThat(e.retryAfter()).isEqualTo(Duration.ofSeconds(1));
                    });
        } finally {
            provider.down(false);
        }
        assertThat(await(tokens.findCredential(account("strict", "early")))).isEmpty();
    }

    @Test
    void moreScopesThanTheCallerMayUseAreNotStored() {
        provider.next("greedy", provider.machineToken("\"scope\": \"read write admin\""));
        AccessLimits limits =
                AccessLimits.of(Set.of(new AccessLimits.Part(null, null, Scopes.of(List.of("read", "write")))));

        assertThatThrownBy(() ->
                        await(machines.create(account("strict", "greedy"), request("greedy"), limits, "tester", false)))
                .isInstanceOf(CredentialException.Forbidden.class);

        assertThat(await(tokens.findCredential(account("strict", "greedy")))).isEmpty();
        assertThat(revoked()).containsExactly("at~greedy~0~1");
        assertThat(failures("greedy")).containsExactly("tester scopes_not_allowed");
    }

    @Test
    void itDoesNotReplaceTheGrantOfAPersonNorIsItReplacedByOne() {
        StoredCredential person = connect("strict");
        StoredCredential machine = created("strict", "robot", request("robot"));

        assertThatThrownBy(() -> created("strict", user(person), request(user(person))))
                .isInstanceOf(CredentialException.Conflict.class)
                .hasMessageContaining("connected by a person");
        assertThatThrownBy(() -> connect(machine.account(), HOUR))
                .isInstanceOf(CredentialException.Conflict.class)
                .hasMessageContaining("machine connection");

        assertThat(provider.calls(user(person))).isEmpty();
        assertThat(get(person).value()).isNotNull();
        assertThat(get(machine).value().reveal()).isEqualTo("at~robot~0~1");
    }

    @Test
    void onlyANewOneIsCreatedWhenTheCallerSaysSo() {
        StoredCredential machine = created("strict", "only", request("only"));

        assertThatThrownBy(() ->
                        await(machines.create(machine.account(), request("only"), AccessLimits.ALL, "tester", true)))
                .isInstanceOf(CredentialException.AlreadyStored.class);

        assertThat(provider.calls("only")).hasSize(1);
    }

    /** Its renewal says nothing about the grants of people, so it must not end an incident early. */
    @Test
    void itsRenewalIsNoProofThatTheGrantsOfPeopleWork() {
        surge.forget();
        Instant start = Instant.now().minusSeconds(60);
        StoredCredential machine = overdue("proof");
        StoredCredential marker = expired("graceful");

        get(machine);
        get(marker); // counted behind the machine, so the machine's turn is over

        Awaitility.await().until(() -> await(surge.hasRenewedSince(marker, start)));
        assertThat(await(surge.hasRenewedSince(machine, start))).isFalse();
        renewAnother();
        Awaitility.await().until(() -> await(surge.hasRenewedSince(machine, start)));
    }

    private void renewAnother() {
        get(expired("strict"));
    }

    /** A machine connection whose token has expired. */
    private StoredCredential overdue(String name) {
        StoredCredential machine = created("strict", name, request(name));
        database.set(machine.key().id(), EXPIRED);
        return row(machine);
    }

    private StoredCredential created(String at, String name, TokenRequest request) {
        AccountKey account = account(at, name);
        return await(machines.create(account, request, AccessLimits.ALL, "tester", false))
                .credential();
    }

    private static TokenRequest request(String audience, String... resources) {
        return new TokenRequest(Scopes.of(List.of("read", "write")), audience, List.of(resources));
    }
}
