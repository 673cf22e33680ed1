package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasSize;

import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.testing.AssertionCheck;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.token.Revocation;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.awaitility.Awaitility;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.keys.EllipticCurves;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A client that authenticates by {@code private_key_jwt} at a server that reads its keys from the service. */
@QuarkusTest
class ClientKeyRefreshTest extends TokenFixture {

    private final TenantId tenant = new TenantId(Api.unique("tenant"));
    private String key;

    @BeforeEach
    void ownTenant() {
        key = Api.key(tenant.value(), Api.ALL_ROLES);
    }

    @Test
    void threeRefreshesAndARevocation() {
        AssertionCheck check = trusted(register(Map.of()));
        StoredCredential credential = connected();

        for (int version = 2; version <= 4; version++) {
            assertThat(get(expired(credential)).version()).isEqualTo(version);
        }
        assertThat(await(tokens.revokeCredential(credential.key(), "bob")).provider())
                .isEqualTo(Revocation.AtProvider.REVOKED);

        assertThat(check.refusals()).isEmpty();
        assertThat(check.kids()).hasSize(4).containsOnly(kid(client(), 0));
        assertThat(provider.isDead(user(credential))).isTrue();
    }

    /** Callers read while the key changes: the next key is published before it signs, and no read fails. */
    @Test
    void aKeyIsRotatedWithoutAFailedRead() throws Exception {
        AssertionCheck check = trusted(register(Map.of("token_endpoint_auth_signing_alg", "ES256")));
        List<StoredCredential> all = List.of(connected(), connected());
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        AtomicBoolean over = new AtomicBoolean();
        List<Thread> readers = all.stream()
                .map(credential -> Thread.startVirtualThread(() -> {
                    while (!over.get()) {
                        try {
                            get(expired(credential));
                        } catch (RuntimeException | AssertionError e) {
                            failures.add(e);
                        }
                    }
                }))
                .toList();
        Awaitility.await().until(() -> check.kids().size() > 4);

        rotate().then().statusCode(200).body("keys.state", equalTo(List.of("current", "next")));
        String next = kid(client(), 1);
        Awaitility.await().until(() -> publishedKids().contains(next));
        assertThat(check.kids()).doesNotContain(next);
        rotate().then().statusCode(409);
        database.run("UPDATE client_keys SET active_from = active_from - interval '16 minutes'");
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> check.kids().contains(next));
        over.set(true);
        for (Thread reader : readers) {
            reader.join();
        }

        assertThat(failures).isEmpty();
        assertThat(check.refusals()).isEmpty();
        client().then().body("keys.state", equalTo(List.of("previous", "current")));
        assertThat(publishedKids()).hasSize(2);
        database.run("UPDATE client_keys SET retires_at = clock_timestamp() WHERE retires_at IS NOT NULL");
        assertThat(publishedKids()).containsExactly(next);
    }

    @Test
    void aCompromisedKeyIsGoneAtOnce() {
        String before = kid(register(Map.of()), 0);

        Response rotated = Api.as(key).body(Map.of("compromised", true)).post("/api/v1/clients/strict/keys");

        rotated.then().statusCode(200).body("keys", hasSize(1)).body("keys[0].state", equalTo("current"));
        assertThat(publishedKids()).hasSize(1).doesNotContain(before);
    }

    /** The provider knows the old key for some hours more; the new one is tried first, and the old one helps. */
    @Test
    void aBroughtKeyIsRotatedAsASecretIs() throws Exception {
        PublicJsonWebKey old = EcJwkGenerator.generateJwk(EllipticCurves.P256);
        PublicJsonWebKey next = EcJwkGenerator.generateJwk(EllipticCurves.P256);
        old.setKeyId("old");
        next.setKeyId("next");
        AssertionCheck check = provider.trust(AssertionCheck.by(
                "{\"keys\":[" + old.toJson() + "]}", StrictProvider.CLIENT, provider.url() + "/strict/token"));
        register(Map.of("private_key", old.toJson(OutputControlLevel.INCLUDE_PRIVATE)))
                .then()
                .body("keys[0].brought", equalTo(true));
        StoredCredential credential = connected();
        assertThat(get(expired(credential)).version()).isEqualTo(2);

        register(Map.of("private_key", next.toJson(OutputControlLevel.INCLUDE_PRIVATE)))
                .then()
                .body("keys.kid", equalTo(List.of("old", "next")))
                .body("keys.state", equalTo(List.of("previous", "current")));
        assertThat(get(expired(credential)).version()).isEqualTo(3);

        assertThat(check.kids()).containsExactly("old", "old");
        assertThat(check.refusals()).hasSize(1);
        rotate().then().statusCode(409);
    }

    @Test
    void aWrongKeyIsARefusedClientAndCostsThreeRequestsAtMost() throws Exception {
        register(Map.of());
        PublicJsonWebKey another = EcJwkGenerator.generateJwk(EllipticCurves.P256);
        provider.trust(AssertionCheck.by(
                "{\"keys\":[" + another.toJson() + "]}", StrictProvider.CLIENT, provider.url() + "/strict/token"));
        for (int i = 0; i < 8; i++) {
            StoredCredential credential = expired(connected());
            assertThat(failure(credential))
                    .isInstanceOfSatisfying(
                            ProviderException.Misconfigured.class,
                            wrong -> assertThat(wrong.code()).isEqualTo("invalid_client"));
        }
        assertThat(provider.arrivals()).isBetween(1, 3);

        // the corrected registration is tried without further delay
        trusted(rotateCompromised());
        assertThat(get(expired(connected())).version()).isEqualTo(2);
    }

    private Response rotateCompromised() {
        return Api.as(key).body(Map.of("compromised", true)).post("/api/v1/clients/strict/keys");
    }

    private Response register(Map<String, Object> more) {
        Map<String, Object> client = new HashMap<>(
                Map.of("client_id", StrictProvider.CLIENT, "token_endpoint_auth_method", "private_key_jwt"));
        client.putAll(more);
        Response saved = Api.as(key).body(client).put("/api/v1/clients/strict");
        saved.then().statusCode(200);
        return saved;
    }

    private Response rotate() {
        return Api.as(key).post("/api/v1/clients/strict/keys");
    }

    private Response client() {
        return Api.as(key).get("/api/v1/clients/strict");
    }

    private static String kid(Response client, int index) {
        return client.path("keys[" + index + "].kid");
    }

    private AssertionCheck trusted(Response client) {
        return provider.trust(AssertionCheck.at(jwks(client), StrictProvider.CLIENT, provider.url() + "/strict/token"));
    }

    /** The public address is that of a proxy in front of the service, which the tests do without. */
    private static String jwks(Response client) {
        return "http://localhost:" + RestAssured.port
                + URI.create(client.<String>path("jwks_uri")).getPath();
    }

    private List<String> publishedKids() {
        return RestAssured.given().get(jwks(client())).path("keys.kid");
    }

    private StoredCredential connected() {
        AccountKey account = new AccountKey(tenant, "strict", someone());
        StrictProvider.Tokens granted = provider.grant(account.user());
        return store(account, grant(granted.access(), granted.refresh(), HOUR));
    }

    private StoredCredential expired(StoredCredential credential) {
        database.set(
                credential.key().id(),
                "issued_at = clock_timestamp() - interval '2 h', expires_at = clock_timestamp() - interval '1 h',"
                        + " next_refresh_at = clock_timestamp() - interval '65 min'");
        return row(credential);
    }
}
