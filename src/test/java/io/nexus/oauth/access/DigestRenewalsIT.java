package io.nexus.oauth.access;

import static io.nexus.oauth.crypto.Keyrings.id;
import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.access.caller.AccessConfig;
import io.nexus.oauth.access.caller.RoleBindingDigests;
import io.nexus.oauth.credential.ApiKey;
import io.nexus.oauth.crypto.OneTimeSecrets;
import io.nexus.oauth.keys.KeysFixture;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.store.access.ApiKeyStore;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Clock;
import org.junit.jupiter.api.Test;

@QuarkusTest
class DigestRenewalsIT extends KeysFixture {

    private static final String DIGEST = "SELECT digest FROM api_keys ORDER BY created_at DESC LIMIT 1";

    @Inject
    DigestRenewals renewals;

    @Inject
    ApiKeyStore store;

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
    Clock clock;

    @Test
    void digestMovesToTheNewKeyWhenItsKeyIsUsed() {
        String key = Api.key(Api.unique("tenant"), "auditor");
        String before = database.one(DIGEST);
        assertThat(before).startsWith(id(old) + ".");
        files(young, old);

        Api.as(key + "x").get("/api/v1/audit").then().statusCode(401);
        await(renewals.flush());
        assertThat(database.one(DIGEST)).isEqualTo(before);

        Api.as(key).get("/api/v1/audit").then().statusCode(200);
        await(renewals.flush());

        assertThat(database.one(DIGEST)).startsWith(id(young) + ".");
        assertThat(database.one("SELECT terms_digest FROM api_keys ORDER BY created_at DESC LIMIT 1"))
                .startsWith(id(young) + ".");
        files(young);
        keyring.forget(id(old));
        ApiKeys restarted = new ApiKeys(store, digests, secrets, bootstrap, usage, config, renewals, clock);
        assertThat(await(restarted.authenticate(key))).isPresent();
    }

    // a digest that was replaced meanwhile is not put back
    @Test
    void digestThatMovedOnStays() {
        Api.key(Api.unique("tenant"), "auditor");
        String digest = database.one(DIGEST);
        String name = database.one("SELECT key_id FROM api_keys ORDER BY created_at DESC LIMIT 1");
        ApiKey key = await(store.get(name)).orElseThrow();

        await(store.renew(key.with("newer.digest", "newer.digest"), "another.digest"));

        assertThat(database.one(DIGEST)).isEqualTo(digest);
    }
}
