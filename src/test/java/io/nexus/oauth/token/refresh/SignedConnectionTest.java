package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import io.nexus.oauth.credential.AccessToken.Freshness;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.GrantType;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.assertion.ClientKeyTest;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.testing.AssertionCheck;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.token.TokenQuery;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jose4j.json.JsonUtil;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.keys.EllipticCurves;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Machine connections whose client signs assertions (RFC 7523 section 2.1), at a server that verifies signature, audience, lifetime and
 * refuses an assertion that it has seen before.
 */
@QuarkusTest
class SignedConnectionTest extends TokenFixture {

    private static final String GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    private static final String EXPIRED =
            "issued_at = clock_timestamp() - interval '2 h', expires_at = clock_timestamp()"
                    + " - interval '1 h', next_refresh_at = clock_timestamp() - interval '65 min'";

    private final TenantId tenant = new TenantId(Api.unique("tenant"));
    private String key;
    private PublicJsonWebKey jwk;

    @Inject
    RefreshScheduler scheduler;

    @BeforeEach
    void ownTenant() throws Exception {
        key = Api.key(tenant.value(), Api.ALL_ROLES);
        jwk = EcJwkGenerator.generateJwk(EllipticCurves.P256);
        jwk.setKeyId("one");
    }

    @Test
    void theFirstTokenProvesTheConnection() {
        AssertionCheck check = trusted(jwk);
        register("signed", Map.of("private_key", text(jwk))).then().statusCode(200);

        Response created = create("signed", "robot@a.example", List.of("read"));

        created.then()
                .statusCode(201)
                .body("grant_type", equalTo(GRANT))
                .body("subject", equalTo("robot@a.example"))
                .body("audience", nullValue())
                .body("refreshable", equalTo(true))
                .body("client_id", equalTo(StrictProvider.CLIENT));
        StoredCredential stored = stored("signed", "robot@a.example");
        assertThat(stored.grantType()).isEqualTo(GrantType.JWT_BEARER);
        assertThat(stored.isMachine()).isTrue();
        assertThat(stored.request().subject()).isEqualTo("robot@a.example");
        assertThat(get(stored).value().reveal()).isEqualTo("at~robot@a.example~0~1");
        assertThat(provider.machineRequests()).containsExactly(List.of("grant_type=" + GRANT, "scope=read"));
        assertThat(check.kids()).containsExactly("one");
        assertThat(database.get(stored.key().id(), "token_request")).doesNotContain("PRIVATE");
        Api.as(key)
                .queryParam("provider", "signed")
                .queryParam("user", "robot@a.example")
                .get("/api/v1/token")
                .then()
                .statusCode(200)
                .body("access_token", equalTo("at~robot@a.example~0~1"))
                .body("refresh_state", equalTo("fresh"));
    }

    @Test
    void theScheduleRenewsItWithANewAssertionEachTime() {
        AssertionCheck check = trusted(jwk);
        StoredCredential machine = connected("nightly");
        for (int expiry = 1; expiry <= 3; expiry++) {
            database.set(machine.key().id(), EXPIRED);
            long before = row(machine).version();

            await(scheduler.sweep());

            Awaitility.await().until(() -> row(machine).version() == before + 1);
            assertThat(get(machine).value().reveal()).isEqualTo("at~nightly~0~" + (expiry + 1));
        }
        assertThat(check.refusals()).isEmpty();
        assertThat(check.kids()).hasSize(4);
        assertThat(database.audit(machine.key().id())).contains("token_refreshed:due");
        assertThat(row(machine).refresh().nextAt()).isAfter(Instant.now());
    }

    @Test
    void callersOfAnExpiredOneCauseOneRequest() {
        trusted(jwk);
        StoredCredential machine = connected("busy");
        database.set(machine.key().id(), EXPIRED);
        provider.delay(Duration.ofMillis(300));

        var handedOut = await(Uni.join()
                .all(IntStream.range(0, 500)
                        .mapToObj(i -> tokens.getValidToken(machine.key(), TokenQuery.DEFAULT))
                        .toList())
                .andFailFast());

        assertThat(handedOut).extracting(token -> token.value().reveal()).containsOnly("at~busy~0~2");
        assertThat(provider.calls("busy")).hasSize(2);
    }

    /** Callers read while the provider changes from the old key to the new one: the client knows both, and no read fails. */
    @Test
    void aKeyIsRotatedWithoutAFailedRead() throws Exception {
        trusted(jwk);
        StoredCredential machine = connected("rotated");
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        AtomicBoolean over = new AtomicBoolean();
        Thread reader = Thread.startVirtualThread(() -> {
            while (!over.get()) {
                try {
                    database.set(machine.key().id(), EXPIRED);
                    get(machine);
                } catch (RuntimeException | AssertionError e) {
                    failures.add(e);
                }
            }
        });
        Awaitility.await().until(() -> provider.calls("rotated").size() > 3);
        PublicJsonWebKey next = EcJwkGenerator.generateJwk(EllipticCurves.P256);
        next.setKeyId("two");

        register("signed", Map.of("private_key", text(next)))
                .then()
                .statusCode(200)
                .body("keys.kid", equalTo(List.of("one", "two")))
                .body("keys.state", equalTo(List.of("previous", "current")));
        int before = provider.calls("rotated").size();
        Awaitility.await().until(() -> provider.calls("rotated").size() > before + 3);
        AssertionCheck both = trusted(jwk, next);
        Awaitility.await().until(() -> both.kids().size() > 3);
        AssertionCheck check = trusted(next);
        Awaitility.await().until(() -> check.kids().size() > 3);
        over.set(true);
        reader.join();

        assertThat(failures).isEmpty();
        assertThat(check.kids()).containsOnly("two");
        assertThat(check.refusals()).isEmpty();
    }

    @Test
    void itServesItsTokenWhileTheProviderIsAway() {
        trusted(jwk);
        StoredCredential machine = connected("patient");
        database.set(
                machine.key().id(),
                "issued_at = clock_timestamp() - interval '1 h', expires_at = clock_timestamp() + interval '40 s',"
                        + " next_refresh_at = clock_timestamp() - interval '5 min'");
        provider.down(true);
        try {
            assertThat(get(machine).freshness()).isEqualTo(Freshness.DEGRADED);
        } finally {
            provider.down(false);
        }
        limiters.forget();
        database.set(machine.key().id(), EXPIRED);
        assertThat(get(machine).value().reveal()).isEqualTo("at~patient~0~2");
    }

    /** No person can connect it again: an operator corrects the fault, and it works again. */
    @ParameterizedTest
    @CsvSource({"400, invalid_grant", "400, consent_required", "400, invalid_scope"})
    void aRefusalIsForTheOperatorAndEndsNothing(int status, String code) {
        trusted(jwk);
        StoredCredential machine = connected("refused");
        database.set(machine.key().id(), EXPIRED);
        for (int refusal = 1; refusal <= 3; refusal++) {
            provider.next("refused", StrictProvider.error(status, code));

            assertThatThrownBy(() -> get(machine))
                    .isInstanceOfSatisfying(
                            ProviderException.Misconfigured.class,
                            e -> assertThat(e.code()).isEqualTo(code));
            assertThatThrownBy(() -> get(machine)).isInstanceOf(ProviderException.Misconfigured.class);
            assertThat(row(machine).status()).isEqualTo(CredentialStatus.ACTIVE);
            passConfirmation(machine);
        }
        assertThat(get(machine).value().reveal()).isEqualTo("at~refused~0~2");
    }

    /** As at GitHub: the assertion is a bearer token, the subject is in the URL, and the answer has other names. */
    @Test
    void anInstallationTokenIsOneAsEachOther() throws Exception {
        PublicJsonWebKey rsa = RsaJwkGenerator.generateJwk(2048);
        rsa.setKeyId("app");
        AssertionCheck check = provider.trustGrants(AssertionCheck.ofGrants(set(rsa), StrictProvider.CLIENT, null));
        register("installed", Map.of("private_key", text(rsa))).then().statusCode(200);

        create("installed", "4711", List.of()).then().statusCode(201).body("subject", equalTo("4711"));

        StoredCredential machine = stored("installed", "4711");
        assertThat(machine.expiresAt())
                .isBetween(Instant.now().plusSeconds(3500), Instant.now().plusSeconds(3700));
        assertThat(machine.expiryAssumed()).isFalse();
        database.set(machine.key().id(), EXPIRED);
        assertThat(get(machine).value().reveal()).isEqualTo("at~4711~0~2");
        assertThat(check.refusals()).isEmpty();
        create("installed", "../orgs", List.of())
                .then()
                .statusCode(400)
                .body("errors.pointer", equalTo(List.of("/subject")));
        create("installed", null, List.of()).then().statusCode(400);
        assertThat(provider.calls()).hasSize(2);
    }

    /** Its token has all that the installation may do, so a caller's limit of scopes would mean nothing. */
    @Test
    void scopesThatNoRequestSendsAreRefused() throws Exception {
        PublicJsonWebKey rsa = RsaJwkGenerator.generateJwk(2048);
        rsa.setKeyId("app");
        register("installed", Map.of("private_key", text(rsa))).then().statusCode(200);

        create("installed", "4711", List.of("read"))
                .then()
                .statusCode(400)
                .body("errors.pointer", equalTo(List.of("/scopes")))
                .body("errors[0].detail", containsString("must be left out"));
        assertThat(provider.arrivals()).isZero();
    }

    @Test
    void anAudienceAndResourcesThatNoRequestSendsAreRefused() throws Exception {
        PublicJsonWebKey rsa = RsaJwkGenerator.generateJwk(2048);
        rsa.setKeyId("app");
        register("installed", Map.of("private_key", text(rsa))).then().statusCode(200);
        Map<String, Object> wish =
                new HashMap<>(Map.of("provider", "installed", "user", "4711", "grant_type", GRANT, "subject", "4711"));
        wish.put("audience", "api");
        wish.put("resource", List.of("urn:a"));

        Api.as(key)
                .body(wish)
                .post("/api/v1/credentials")
                .then()
                .statusCode(400)
                .body("errors.pointer", equalTo(List.of("/audience", "/resource")));
        assertThat(provider.arrivals()).isZero();
    }

    /** The operator lets tenants use the client for itself, not for a subject that belongs to somebody else. */
    @Test
    void aTenantDoesNotAskForASubjectWithTheClientForAllTenants() {
        Response refused = create("signed", "somebody-else", List.of());

        Api.assertProblem(refused, 403, "forbidden");
        refused.then().body("detail", containsString("register a client of the tenant"));
        assertThat(provider.arrivals()).isZero();
    }

    @Test
    void aConnectionWithoutAKeyNeverAsks() {
        register("signed", Map.of("client_secret", StrictProvider.SECRET))
                .then()
                .statusCode(200);

        Response refused = create("signed", "keyless", List.of());

        Api.assertProblem(refused, 502, "provider-misconfigured");
        refused.then().body("code", equalTo("client_key_missing")).body("detail", containsString("private_key"));
        assertThat(provider.arrivals()).isZero();
        assertThat(database.count("SELECT count(*) FROM audit_events WHERE operation = 'machine_connection_failed'"
                        + " AND tenant_id = '" + tenant.value() + "'"))
                .as("lines that a loop of such calls would write")
                .isZero();
    }

    /** A client has its secret for people, and its key for assertions. */
    @Test
    void theKeyStaysWhenTheSecretChanges() {
        AssertionCheck check = trusted(jwk);
        register("signed", Map.of("private_key", text(jwk), "client_secret", "first"));
        register("signed", Map.of("client_secret", "second")).then().body("keys.kid", equalTo(List.of("one")));

        create("signed", "both", List.of()).then().statusCode(201);

        assertThat(check.kids()).containsExactly("one");
        Api.as(key)
                .body(Map.of("client_id", "another"))
                .put("/api/v1/clients/signed")
                .then()
                .body("keys", equalTo(List.of()));
    }

    @Test
    void theFileOfAServiceAccountIsTakenAsItIs() {
        Map<String, Object> file = new HashMap<>(Map.of(
                "type", "service_account",
                "private_key_id", "4711",
                "private_key", ClientKeyTest.pem("rsa"),
                "client_email", "robot@project.example",
                "token_uri", provider.url() + "/signed/token"));

        Api.as(key)
                .body(Map.of("client_id", "robot@project.example", "private_key", JsonUtil.toJson(file)))
                .put("/api/v1/clients/signed")
                .then()
                .statusCode(200)
                .body("client_id", equalTo("robot@project.example"))
                .body("keys[0].kid", equalTo("4711"))
                .body("keys[0].brought", equalTo(true));

        file.put("token_uri", "https://elsewhere.example/token");
        register("signed", Map.of("private_key", JsonUtil.toJson(file)))
                .then()
                .statusCode(400)
                .body("errors.pointer", equalTo(List.of("/client_id", "/private_key")))
                .body("errors.detail[1]", containsString("must name the token endpoint"));
    }

    /** One finding for each fault. */
    @Test
    void aKeyThatIsNoneHereIsToldAtRegistration() throws Exception {
        register("installed", Map.of("private_key", ClientKeyTest.pem("rsa")))
                .then()
                .statusCode(400)
                .body("errors.pointer", equalTo(List.of("/private_key_id")));
        register("installed", Map.of("private_key", ClientKeyTest.pem("rsa"), "private_key_id", "mine"))
                .then()
                .statusCode(200)
                .body("keys[0].kid", equalTo("mine"));
        register("signed", Map.of("private_key", ClientKeyTest.pem("rsa"), "token_endpoint_auth_signing_alg", "PS256"))
                .then()
                .statusCode(400)
                .body("errors.pointer", equalTo(List.of("/private_key")));
        register("strict", Map.of("private_key", ClientKeyTest.pem("rsa")))
                .then()
                .statusCode(400)
                .body("errors.pointer", equalTo(List.of("/private_key")));
    }

    private AssertionCheck trusted(PublicJsonWebKey... keys) {
        return provider.trustGrants(
                AssertionCheck.ofGrants(set(keys), StrictProvider.CLIENT, provider.url() + "/signed/token"));
    }

    private static String set(PublicJsonWebKey... keys) {
        return "{\"keys\":["
                + String.join(
                        ",",
                        List.of(keys).stream().map(PublicJsonWebKey::toJson).toList()) + "]}";
    }

    private static String text(PublicJsonWebKey key) {
        return key.toJson(OutputControlLevel.INCLUDE_PRIVATE);
    }

    private Response register(String at, Map<String, Object> more) {
        Map<String, Object> client = new HashMap<>(Map.of("client_id", StrictProvider.CLIENT));
        client.putAll(more);
        return Api.as(key).body(client).put("/api/v1/clients/" + at);
    }

    private Response create(String at, String subject, List<String> scopes) {
        Map<String, Object> wish = new HashMap<>(
                Map.of("provider", at, "user", String.valueOf(subject), "grant_type", GRANT, "scopes", scopes));
        wish.put("subject", subject);
        return Api.as(key).body(wish).post("/api/v1/credentials");
    }

    private StoredCredential connected(String name) {
        register("signed", Map.of("private_key", text(jwk))).then().statusCode(200);
        create("signed", name, List.of()).then().statusCode(201);
        return stored("signed", name);
    }

    private StoredCredential stored(String at, String name) {
        return await(tokens.findCredential(new AccountKey(tenant, at, name))).orElseThrow();
    }
}
