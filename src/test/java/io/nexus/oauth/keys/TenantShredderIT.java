package io.nexus.oauth.keys;

import static io.nexus.oauth.crypto.Keyrings.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.SealedTenantKey;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.SecretPlace;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.crypto.Keyring;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.crypto.TenantKeys;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.testing.StrictProvider;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.hamcrest.Matchers;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class TenantShredderIT extends KeysFixture {

    @Inject
    TenantShredder shredder;

    @Inject
    KeyRotation rotator;

    @Inject
    CancellationShield shield;

    private TenantId tenant;

    @BeforeEach
    void newTenant() {
        tenant = new TenantId(Api.unique("tenant"));
    }

    @Test
    void noCopyOfASecretOpensAfterwards() {
        StoredCredential credential = granted(tenant);
        StoredCredential neighbour = granted(new TenantId(Api.unique("neighbour")));
        client(tenant);
        String keySet = Api.as(Api.key(tenant.value(), "tenant-admin"))
                .body(Map.of("client_id", "mine", "token_endpoint_auth_method", "private_key_jwt"))
                .put("/api/v1/clients/zoom")
                .<String>path("jwks_uri")
                .substring(Api.publicUrl().length());
        RestAssured.given().get(keySet).then().statusCode(200);
        String copy = text(credential, "refresh_token");
        SealedTenantKey key = storedKey(tenant);
        SecretPlace place = StoredCredential.place(credential.key(), Map.of(), StoredCredential.REFRESH_TOKEN);
        assertThat(withBackup(key).unseal(new SealedSecret(copy), place)).isNotNull();

        Api.admin()
                .body(Map.of("force", true))
                .post("/api/v1/tenants/" + tenant + "/shred")
                .then()
                .statusCode(200)
                .body("credentials.active", Matchers.is(0))
                .body("credentials.revoked", Matchers.is(1))
                .body("clients", Matchers.is(0))
                .body("key_id", Matchers.nullValue())
                .body("shredded_at", Matchers.notNullValue())
                .body("shredded_by", Matchers.notNullValue());

        assertThat(database.count("SELECT count(*) FROM tenant_keys WHERE tenant_id = '" + tenant + "'"))
                .isZero();
        assertThat(database.count("SELECT count(*) FROM client_keys WHERE tenant_id = '" + tenant + "'"))
                .isZero();
        RestAssured.given().get(keySet).then().statusCode(404);
        // a row comes back from a backup, and whoever brought it has the master key as well
        database.set(
                credential.key().id(),
                "status = 'active', encrypted_access_token = '" + copy + "', encrypted_refresh_token = '" + copy + "'");
        Api.assertProblem(token(credential), 410, "tenant-shredded");
        assertThatExceptionOfType(CryptoException.TenantKeyUnavailable.class)
                .isThrownBy(() -> new SecretSealer(master(), new TenantKeys()).unseal(new SealedSecret(copy), place));
        assertThat(database.all("SELECT operation || ' ' || actor FROM audit_events WHERE tenant_id = '" + tenant
                        + "' AND operation = 'tenant_shredded'"))
                .containsExactly("tenant_shredded "
                        + Api.admin().get("/api/v1/tenants/" + tenant).path("shredded_by"));
        token(neighbour).then().statusCode(200);
    }

    @Test
    void tenantThatWasShreddedTakesNothingNew() {
        granted(tenant);
        await(shredder.shred(tenant, true, "tester"));
        RequestSpecification caller = Api.as(Api.key(tenant.value(), "connector", "tenant-admin", "token-reader"));

        Api.assertProblem(caller.body(Api.grant()).post("/api/v1/credentials"), 410, "tenant-shredded");
        Api.assertProblem(
                caller.body(Map.of("client_id", "mine", "client_secret", "it")).put("/api/v1/clients/zoom"),
                410,
                "tenant-shredded");
        Api.assertProblem(
                caller.body(Map.of("provider", "sandbox", "user", "alice")).post("/api/v1/connect-sessions"),
                410,
                "tenant-shredded");
        assertThat(database.count("SELECT count(*) FROM oauth_clients WHERE tenant_id = '" + tenant + "'"))
                .isZero();
        assertThat(database.count("SELECT count(*) FROM tenant_keys WHERE tenant_id = '" + tenant + "'"))
                .isZero();
    }

    /** The refresh fails because of the end, and the token that is stored does not open any more either. */
    @Test
    void callerWhoWaitsForARefreshIsToldOfTheEnd() {
        String user = Api.unique("grant");
        StrictProvider.Tokens granted = provider.grant(user);
        StoredCredential credential = store(tenant, granted.access(), granted.refresh());
        database.set(
                credential.key().id(),
                "issued_at = clock_timestamp() - interval '50 minutes',"
                        + " expires_at = clock_timestamp() + interval '10 minutes'");
        RequestSpecification caller = Api.as(Api.key(tenant.value(), "token-reader"));
        StrictProvider.Hold hold = provider.hold(user);
        CompletableFuture<Response> waiting = CompletableFuture.supplyAsync(
                () -> caller.get("/api/v1/credentials/" + credential.key().id() + "/token?min_ttl=86400&max_wait=20"));
        hold.awaitArrival();

        await(shredder.shred(tenant, true, "tester"));
        hold.release();

        Api.assertProblem(waiting.join(), 410, "tenant-shredded");
    }

    @Test
    void grantThatItsProviderWasNotAskedToEndIsInTheWay() {
        StoredCredential credential = granted(tenant);

        String detail = Api.assertProblem(Api.admin().post("/api/v1/tenants/" + tenant + "/shred"), 409, "conflict")
                .path("detail");

        assertThat(detail).contains("1 credential is not revoked");
        token(credential).then().statusCode(200);
        assertThat(storedKey(tenant)).isNotNull();
        assertThat(database.count(
                        "SELECT count(*) FROM audit_events WHERE operation = 'tenant_shredded' AND tenant_id = '"
                                + tenant + "'"))
                .isZero();
    }

    @Test
    void revokedTenantIsShreddedWithoutForceAndAgain() {
        StoredCredential credential = granted(tenant);
        await(tokens.revokeCredential(credential.key(), "tester"));
        Awaitility.await()
                .until(() -> database.count("SELECT count(*) FROM revocation_outbox WHERE tenant_id = '" + tenant + "'")
                        == 0);

        for (int i = 0; i < 2; i++) {
            Api.admin()
                    .post("/api/v1/tenants/" + tenant + "/shred")
                    .then()
                    .statusCode(200)
                    .body("shredded_at", Matchers.notNullValue());
        }
        assertThat(database.count(
                        "SELECT count(*) FROM audit_events WHERE operation = 'tenant_shredded' AND tenant_id = '"
                                + tenant + "'"))
                .isEqualTo(1);
    }

    @Test
    void moreCredentialsThanOnePageAreEnded() {
        StoredCredential first = granted(tenant);
        database.run("INSERT INTO oauth_credentials (credential_id, tenant_id, provider, user_email,"
                + " encrypted_access_token, issued_at) SELECT gen_random_uuid(), tenant_id, provider, 'copy-' || i,"
                + " encrypted_access_token, issued_at FROM oauth_credentials, generate_series(1, 1200) AS i"
                + " WHERE credential_id = '" + first.key().id() + "'");

        assertThat(await(shredder.shred(tenant, true, "tester")).has().revoked())
                .isEqualTo(1_201);

        assertThat(database.count("SELECT count(*) FROM oauth_credentials WHERE tenant_id = '" + tenant
                        + "' AND encrypted_access_token IS NOT NULL"))
                .isZero();
        assertThat(database.count("SELECT count(*) FROM audit_events WHERE tenant_id = '" + tenant
                        + "' AND operation = 'credential_revoked' AND detail = 'tenant shredded'"))
                .isEqualTo(1_201);
    }

    @Test
    void tenantThatNobodyEverUsedHasNothingAndCanBeShredded() {
        Api.admin()
                .get("/api/v1/tenants/" + tenant)
                .then()
                .statusCode(200)
                .body("tenant", Matchers.is(tenant.value()))
                .body("credentials.active", Matchers.is(0))
                .body("shredded_at", Matchers.nullValue());
        assertThat(await(shredder.shred(tenant, false, "tester")).shreddedAt()).isNotNull();
    }

    @Test
    void badNamesAndBodiesAreRefused() {
        Api.assertProblem(Api.admin().get("/api/v1/tenants/-"), 400, "invalid-request");
        Api.assertProblem(
                Api.admin().body("{\"force\":\"very\"}").post("/api/v1/tenants/" + tenant + "/shred"),
                400,
                "invalid-request");
        Api.assertProblem(
                Api.admin().body("{\"forced\":true}").post("/api/v1/tenants/" + tenant + "/shred"),
                400,
                "invalid-request");
    }

    @Test
    void rotationSealsTheKeysOfTenantsAnew() {
        List<StoredCredential> all =
                IntStream.range(0, 3).mapToObj(i -> granted(tenant)).toList();
        SealedTenantKey before = storedKey(tenant);
        assertThat(before.sealed().keyId()).isEqualTo(id(old));
        files(young, old);
        await(keys.rotate("tester", TenantId.DEFAULT));

        await(rotator.work(shield));

        SealedTenantKey after = storedKey(tenant);
        assertThat(after.id()).isEqualTo(before.id());
        assertThat(notUnder(young, "tenant_keys", "encrypted_key")).isZero();
        TenantKeys read = new TenantKeys();
        SecretSealer alone = new SecretSealer(Keyring.of(List.of(Secret.of(young))), read);
        read.learn(tenant, List.of(after), alone);
        for (StoredCredential credential : all) {
            String text = text(credential, "access_token");
            assertThat(new SealedSecret(text).tenantKeyId()).contains(before.id());
            assertThat(alone.unseal(
                            new SealedSecret(text),
                            StoredCredential.place(credential.key(), Map.of(), StoredCredential.ACCESS_TOKEN)))
                    .isNotNull();
        }
    }

    /** The next rotation seals secrets from before tenant keys under the tenant's key. */
    @Test
    void rotationBringsOldTextsUnderTheTenantsKey() {
        StoredCredential credential = granted(tenant);
        SecretPlace place = StoredCredential.place(credential.key(), Map.of(), StoredCredential.ACCESS_TOKEN);
        String plain = new SecretSealer(Keyring.of(List.of(Secret.of(old))))
                .seal(Secret.of("from before"), place)
                .text();
        database.set(credential.key().id(), "encrypted_access_token = '" + plain + "'");
        files(young, old);
        await(keys.rotate("tester", TenantId.DEFAULT));

        await(rotator.work(shield));

        SealedSecret anew = new SealedSecret(text(credential, "access_token"));
        assertThat(anew.tenantKeyId()).contains(storedKey(tenant).id());
        assertThat(token(credential).path("access_token").toString()).isEqualTo("from before");
    }

    @Test
    void keysThatTheDatabaseForgotAreStoredAgain() {
        granted(tenant);
        TenantId dead = new TenantId(Api.unique("dead"));
        await(shredder.shred(dead, false, "tester"));
        String key = storedKey(tenant).id();
        database.run("DELETE FROM tenant_keys");
        database.run("DELETE FROM shredded_tenants");

        loader.missed();

        Awaitility.await()
                .until(() ->
                        database.count("SELECT count(*) FROM tenant_keys WHERE tenant_id = '" + tenant + "'") == 1);
        assertThat(storedKey(tenant).id()).isEqualTo(key);
        assertThat(database.count("SELECT count(*) FROM shredded_tenants WHERE tenant_id = '" + dead + "'"))
                .isEqualTo(1);
        assertThat(database.count("SELECT count(*) FROM tenant_keys WHERE tenant_id = '" + dead + "'"))
                .isZero();
    }

    /** A tenant works with a new key after the loss of a master key; once restored, the old secrets open again. */
    @Test
    void tenantWhoseKeyDoesNotOpenGetsAnother() {
        database.run("INSERT INTO tenant_keys (tenant_id, key_id, encrypted_key) VALUES ('" + tenant
                + "', '00000001', '12345678.gAAAAA')");

        StoredCredential credential = granted(tenant);

        assertThat(database.all("SELECT key_id FROM tenant_keys WHERE tenant_id = '" + tenant + "'"))
                .hasSize(2)
                .contains("00000001");
        assertThat(await(tokens.getCredential(credential.account()))).isPresent();
        String text = text(credential, "access_token");
        database.set(
                credential.key().id(),
                "token_version = token_version + 1, encrypted_access_token = '"
                        + text.replaceFirst("\\.[0-9a-f]{8}:", ".00000001:") + "'");
        Api.assertProblem(token(credential), 500, "credential-unreadable");
    }

    private StoredCredential granted(TenantId of) {
        StrictProvider.Tokens granted = provider.grant(Api.unique("grant"));
        return store(of, granted.access(), granted.refresh());
    }

    private void client(TenantId of) {
        await(tokens.registerProvider(
                of,
                new ClientRegistration(
                        "strict", StrictProvider.CLIENT, Secret.of("it"), null, Scopes.NONE, null, Map.of()),
                "tester"));
    }

    private static Response token(StoredCredential credential) {
        AccountKey account = credential.account();
        return Api.as(Api.key(account.tenant().value(), "token-reader"))
                .get("/api/v1/credentials/" + credential.key().id() + "/token");
    }

    private SealedTenantKey storedKey(TenantId of) {
        String where = " FROM tenant_keys WHERE tenant_id = '" + of + "'";
        return new SealedTenantKey(
                of,
                database.one("SELECT key_id" + where),
                new SealedSecret(database.one("SELECT encrypted_key" + where)));
    }

    private Keyring master() {
        return Keyring.of(List.of(Secret.of(old)));
    }

    private SecretSealer withBackup(SealedTenantKey key) {
        TenantKeys read = new TenantKeys();
        SecretSealer sealer = new SecretSealer(master(), read);
        read.learn(key.tenant(), List.of(key), sealer);
        return sealer;
    }
}
