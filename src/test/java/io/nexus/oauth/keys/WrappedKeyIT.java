package io.nexus.oauth.keys;

import static io.nexus.oauth.crypto.Keyrings.id;
import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.testing.TransitServer;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The change from a key in a file to a key that only a key service can open, while the service runs. */
@QuarkusTest
@WithTestResource(WrappedKeyIT.Service.class)
class WrappedKeyIT extends KeysFixture {

    /** A key service and its address. */
    public static final class Service implements QuarkusTestResourceLifecycleManager {

        static TransitServer server;

        @Override
        public Map<String, String> start() {
            server = new TransitServer();
            Path token = KeyFile.PATH.resolveSibling("transit-token");
            try {
                Files.createDirectories(token.getParent());
                Files.writeString(token, TransitServer.TOKEN);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            return Map.of(
                    "nexus.oauth.encryption.transit.url",
                    server.url(),
                    "nexus.oauth.encryption.transit.key",
                    TransitServer.KEY,
                    "nexus.oauth.encryption.transit.http-hosts",
                    "127.0.0.1",
                    "nexus.oauth.encryption.transit.timeout",
                    "2s",
                    "nexus.oauth.encryption.transit.token-file",
                    token.toString());
        }

        @Override
        public void stop() {
            server.close();
        }
    }

    @Inject
    KeyRotation rotator;

    @Inject
    CancellationShield shield;

    @AfterEach
    void well() {
        Service.server.suffer(TransitServer.Trouble.NONE);
    }

    @Test
    void everythingMovesUnderAWrappedKey() throws IOException {
        StoredCredential credential = store(TenantId.DEFAULT, "access", "refresh");
        files(Service.server.wrap(young), old);
        assertThat(keyring.sealingId()).isEqualTo(id(young));

        await(keys.rotate("tester", TenantId.DEFAULT));
        await(rotator.work(shield));
        files(Service.server.wrap(young));
        keyring.forget(id(old));

        assertThat(text(credential, "access_token")).startsWith(id(young) + ".");
        assertThat(await(tokens.getCredential(credential.account()))
                        .orElseThrow()
                        .accessToken())
                .isEqualTo(Secret.of("access"));
        assertThat(Files.readString(KeyFile.PATH)).startsWith("vault:v1:").doesNotContain(young, old);
    }

    @Test
    void whileTheKeyServiceIsAwayNothingChanges() {
        StoredCredential credential = store(TenantId.DEFAULT, "access", "refresh");
        Service.server.suffer(TransitServer.Trouble.SEALED);
        files(Service.server.wrap(young), old);

        assertThat(keyring.problem()).get().asString().contains("(503)");
        assertThat(keyring.sealingId()).isEqualTo(id(old));
        assertThat(await(tokens.getCredential(credential.account()))
                        .orElseThrow()
                        .accessToken())
                .isEqualTo(Secret.of("access"));

        Service.server.suffer(TransitServer.Trouble.NONE);
        await(watch.rereadWhenDue());
        assertThat(keyring.problem()).isEmpty();
        assertThat(keyring.primaryId()).isEqualTo(id(young));
    }
}
