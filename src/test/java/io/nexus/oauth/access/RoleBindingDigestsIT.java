package io.nexus.oauth.access;

import static io.nexus.oauth.crypto.Keyrings.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.nexus.oauth.access.caller.AccessConfig;
import io.nexus.oauth.access.caller.RoleBinding;
import io.nexus.oauth.access.caller.RoleBindingDigests;
import io.nexus.oauth.access.policy.Policies;
import io.nexus.oauth.access.policy.PolicyFile;
import io.nexus.oauth.access.policy.StoredPolicies;
import io.nexus.oauth.crypto.OneTimeSecrets;
import io.nexus.oauth.keys.KeysFixture;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.store.access.ApiKeyStore;
import io.nexus.oauth.store.access.PolicyStore;
import io.nexus.oauth.store.keys.SealedRows;
import io.nexus.oauth.store.keys.SealedTable;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who can write into the database, and has none of the master keys, grants nobody anything. */
@QuarkusTest
class RoleBindingDigestsIT extends KeysFixture {

    private static final String ISSUER = "https://issuer.example";
    private static final String SUBJECT = "worker";

    @Inject
    PolicyFile file;

    @Inject
    PolicyStore store;

    @Inject
    StoredPolicies genuine;

    @Inject
    ApiKeyStore keyStore;

    @Inject
    RoleBindingDigests digests;

    @Inject
    OneTimeSecrets secrets;

    @Inject
    BootstrapKey bootstrap;

    @Inject
    ApiKeyUsage usage;

    @Inject
    AccessConfig config;

    @Inject
    DigestRenewals renewals;

    @Inject
    SealedRows rows;

    @Inject
    Clock clock;

    private final String tenant = Api.unique("tenant");
    private final String name = Api.unique("policy");

    @BeforeEach
    @AfterEach
    void tidy() {
        database.run("DELETE FROM access_policies");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "roles = 'token-reader'",
                "roles = 'auditor token-reader'",
                "tenant_id = 'victim'",
                "name = 'somebody else'",
                "expires_at = expires_at + interval '1 microsecond'",
                "expires_at = 'infinity'",
                "terms_digest = NULL",
                "terms_digest = 'x'",
                "terms_digest = digest"
            })
    void aKeyWhoseRowWasChangedIsRefused(String change) {
        String key = Api.key(tenant, "auditor");
        double before = Api.metric("nexus_oauth_api_keys_refused_total");

        database.run("UPDATE api_keys SET " + change + " WHERE key_id = '" + keyId(key) + "'");

        Api.as(key).get("/api/v1/audit").then().statusCode(401);
        assertThat(Api.metric("nexus_oauth_api_keys_refused_total")).isEqualTo(before + 1);
    }

    @Test
    void aKeyThatWasOnlyUsedAndRenewedIsWhatItWas() {
        String key = Api.key(tenant, "auditor", "connector");

        database.run("UPDATE api_keys SET last_used_at = now() WHERE key_id = '" + keyId(key) + "'");

        Api.as(key).get("/api/v1/audit").then().statusCode(200);
    }

    /** His key has a digest that counts, and the row has terms that he wants. */
    @Test
    void noBetterRowTakesSomebodysOwnSecret() {
        String own = Api.key(tenant, "connector");
        String better = Api.key(Api.unique("tenant"), "token-reader");

        database.run("UPDATE api_keys SET digest = (SELECT digest FROM api_keys WHERE key_id = '" + keyId(own)
                + "') WHERE key_id = '" + keyId(better) + "'");
        assertThat(await(keys(clock).authenticate(forged(own, better)))).isEmpty();
        database.run("UPDATE api_keys SET terms_digest = (SELECT terms_digest FROM api_keys WHERE key_id = '"
                + keyId(own) + "') WHERE key_id = '" + keyId(better) + "'");
        assertThat(await(keys(clock).authenticate(forged(own, better)))).isEmpty();
    }

    @Test
    void aKeyEndsWhenItsTermsSaySo() {
        String key = Api.key(tenant, "auditor");

        assertThat(await(keys(clock).authenticate(key))).isPresent();
        assertThat(await(keys(Clock.offset(clock, Duration.ofDays(89))).authenticate(key)))
                .isPresent();
        assertThat(await(keys(Clock.offset(clock, Duration.ofDays(90))).authenticate(key)))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "document = replace(document, 'connector', 'token-reader')",
                "document = replace(document, 'https://issuer', 'https://other')",
                "document = document || ' '",
                "policy_name = 'another'",
                "digest = NULL",
                "digest = ''",
                "digest = 'x.y'",
                "digest = overlay(digest placing '00000000' from 1)"
            })
    void aPolicyWhoseRowWasChangedGrantsNothing(String change) {
        put("connector");
        assertThat(grants()).hasSize(1);

        database.run("UPDATE access_policies SET " + change);

        assertThat(grants()).isEmpty();
        assertThat(genuine.refused()).isEqualTo(1);
        assertThat(Api.metric("nexus_oauth_policies_refused")).isEqualTo(1);
        Api.admin()
                .get("/api/v1/policies")
                .then()
                .body("items.find{it.origin=='api'}.state", equalTo("refused"))
                .body("items.find{it.origin=='api'}.roles", equalTo(null));
        String stored = database.one("SELECT policy_name FROM access_policies");
        Api.admin().delete("/api/v1/policies/" + stored).then().statusCode(204);
        assertThat(grants()).isEmpty();
        assertThat(genuine.refused()).isZero();
    }

    @Test
    void aPolicyThatSomebodyWroteIntoTheTableGrantsNothing() {
        put("connector");
        String document = "{\"name\":\"own\",\"issuer\":\"" + ISSUER + "\",\"subject\":\"" + SUBJECT
                + "\",\"tenants\":[\"*\"],\"roles\":[\"token-reader\"]}";

        database.run(
                "INSERT INTO access_policies (policy_name, document, digest, updated_by, updated_at) SELECT 'own', '"
                        + document + "', digest, 'bootstrap', now() FROM access_policies");

        assertThat(grants()).singleElement().extracting(RoleBinding::roles).hasToString("[CONNECTOR]");
        put("own", "auditor");
        assertThat(grants()).hasSize(2);
        assertThat(genuine.refused()).isZero();
    }

    @Test
    void aPolicyOutlivesTheMasterKeyThatItWasStoredUnder() {
        put("connector");
        assertThat(digest()).startsWith(id(old) + ".");
        files(young, old);
        assertThat(grants()).hasSize(1);

        await(genuine.renew());

        assertThat(digest()).startsWith(id(young) + ".");
        files(young);
        keyring.forget(id(old));
        assertThat(grants()).hasSize(1);
    }

    @Test
    void theCensusCountsPoliciesAndTermsOfKeys() {
        String key = Api.key(tenant, "auditor");
        put("connector");

        assertThat(counted(SealedTable.ACCESS_POLICIES, id(old))).isEqualTo(1);
        assertThat(counted(SealedTable.API_KEYS, id(old))).isEqualTo(1);
        assertThat(counted(SealedTable.API_KEYS, id(young))).isZero();
        database.run("UPDATE api_keys SET terms_digest = '" + id(young) + ".x' WHERE key_id = '" + keyId(key) + "'");
        assertThat(counted(SealedTable.API_KEYS, id(young))).isEqualTo(1);
    }

    /** What was changed is not made good by the renewal. */
    @Test
    void aChangedPolicyIsNotRenewed() {
        put("connector");
        String before = digest();
        database.run("UPDATE access_policies SET document = replace(document, 'connector', 'token-reader')");
        files(young, old);

        await(genuine.renew());

        assertThat(digest()).isEqualTo(before);
        assertThat(grants()).isEmpty();
    }

    @Test
    void aPolicyOfWhichTheMasterKeyComesBackGrantsAgain() {
        put("connector");
        Policies policies = policies();
        files(young);
        keyring.forget(id(old));
        assertThat(await(policies.current()).bindings(ISSUER, SUBJECT)).isEmpty();

        files(young, old);

        assertThat(grants()).hasSize(1);
    }

    /** The secret of one key under the id of the other. */
    private static String forged(String own, String better) {
        ParsedApiKey secret = ParsedApiKey.parse(own).orElseThrow();
        return new ParsedApiKey(keyId(better), secret.secret()).whole().reveal();
    }

    private long counted(SealedTable table, String master) {
        return await(rows.count(table, table.start(), 10_000)).stream()
                .filter(count -> master.equals(count.first()) || master.equals(count.second()))
                .mapToLong(SealedRows.Count::rows)
                .sum();
    }

    private ApiKeys keys(Clock at) {
        return new ApiKeys(keyStore, digests, secrets, bootstrap, usage, config, renewals, at);
    }

    private Policies policies() {
        return new Policies(file, store, genuine, clock);
    }

    private List<RoleBinding> grants() {
        return await(policies().current()).bindings(ISSUER, SUBJECT);
    }

    private String digest() {
        return database.one("SELECT digest FROM access_policies");
    }

    private static String keyId(String key) {
        return key.split("_")[1];
    }

    private void put(String role) {
        put(name, role);
    }

    private void put(String policy, String role) {
        Api.admin()
                .body(Map.of("issuer", ISSUER, "subject", SUBJECT, "tenants", List.of(tenant), "roles", List.of(role)))
                .put("/api/v1/policies/" + policy)
                .then()
                .statusCode(200)
                .body("state", equalTo("active"));
    }
}
