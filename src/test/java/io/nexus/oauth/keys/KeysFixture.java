package io.nexus.oauth.keys;

import static io.nexus.oauth.crypto.Keyrings.id;

import io.agroal.api.AgroalDataSource;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.LiveKeyring;
import io.nexus.oauth.crypto.OAuthCrypto;
import io.nexus.oauth.crypto.TenantKeys;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.testing.TestDatabase;
import io.nexus.oauth.testing.TestFiles;
import io.nexus.oauth.token.TokenManager;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.WithTestResource;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The service with key files that the tests write, and without its schedule. */
@WithTestResource(KeysFixture.KeyFile.class)
public abstract class KeysFixture {

    /** Names the file before the service starts. */
    public static final class KeyFile implements QuarkusTestResourceLifecycleManager {

        static final Path PATH = TestFiles.path("keys-test", "keys");

        static void write(List<String> keys) {
            try {
                Files.createDirectories(PATH.getParent());
                Files.write(PATH, keys);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public Map<String, String> start() {
            write(List.of(OAuthCrypto.generateKey()));
            return Map.of(
                    "nexus.oauth.encryption.key-files", PATH.toString(), "nexus.oauth.encryption.reread-every", "0s");
        }

        @Override
        public void stop() {}
    }

    @Inject
    protected LiveKeyring keyring;

    @Inject
    ReplicaKeys replicas;

    @Inject
    KeyFileWatcher watch;

    @Inject
    KeyReferences references;

    @Inject
    MasterKeys keys;

    @Inject
    TokenManager tokens;

    @Inject
    TenantKeyLoader loader;

    @Inject
    protected TenantKeys tenantKeys;

    @Inject
    AgroalDataSource dataSource;

    StrictProvider provider;
    protected TestDatabase database;
    protected String old;
    protected String young;

    @BeforeEach
    void startWithOneKey() {
        provider.reset();
        database = new TestDatabase(dataSource);
        database.clear();
        List.of("connect_sessions", "replicas", "key_rotation").forEach(table -> database.run("DELETE FROM " + table));
        old = OAuthCrypto.generateKey();
        young = OAuthCrypto.generateKey();
        files(old);
        keyring.kept().forEach(keyring::forget);
        tenantsHaveTheirKeys();
    }

    /** Their keys are in memory, and no rows that a rotation or a census meets: those are {@link TenantShredderIT}'s. */
    private void tenantsHaveTheirKeys() {
        for (String name : List.of("default", "acme")) {
            await(loader.ensureSealable(new TenantId(name)));
        }
        database.run("DELETE FROM tenant_keys");
    }

    @AfterEach
    void leaveNothing() {
        database.run("DELETE FROM replicas");
        database.run("DELETE FROM key_rotation");
        database.run("DELETE FROM tenant_keys"); // they are under a key that nobody else has
        database.clear();
    }

    /** Writes these keys to the files; this replica reads and announces them. */
    protected void files(String... now) {
        KeyFile.write(List.of(now));
        await(watch.rereadWhenDue());
        await(replicas.announce());
        await(replicas.announce());
    }

    StoredCredential store(TenantId tenant, String access, String refresh) {
        return store(tenant, access, refresh, Map.of());
    }

    /** As made with a client that has these variables. */
    StoredCredential store(TenantId tenant, String access, String refresh, Map<String, String> vars) {
        AccountKey account = new AccountKey(tenant, "strict", "user-" + UUID.randomUUID() + "@example.com");
        OAuthCredential grant = OAuthCredential.bearer(
                        Secret.of(access),
                        refresh == null ? null : Secret.of(refresh),
                        Instant.now().plus(Duration.ofHours(1)))
                .withClient(StrictProvider.CLIENT, vars);
        return await(tokens.storeCredential(account, grant, "tester", false)).credential();
    }

    String text(StoredCredential credential, String field) {
        return database.get(credential.key().id(), "encrypted_" + field);
    }

    /** The number of secrets in {@code columns} of {@code table} that are not under {@code key}. */
    long notUnder(String key, String table, String... columns) {
        return List.of(columns).stream()
                .mapToLong(column -> database.count(
                        "SELECT count(*) FROM " + table + " WHERE " + column + " NOT LIKE '" + id(key) + ".%'"))
                .sum();
    }

    protected static <T> T await(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(60));
    }
}
