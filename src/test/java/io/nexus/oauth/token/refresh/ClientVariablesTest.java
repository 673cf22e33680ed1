package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.token.CredentialCheck;
import io.nexus.oauth.token.Revocation;
import io.nexus.oauth.token.Revocations;
import io.nexus.oauth.token.TokenQuery;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A grant goes to the host that its client's variables named when it was made, and nowhere else: not for who may store a client, and
 * not for who writes to the database.
 */
@QuarkusTest
class ClientVariablesTest extends TokenFixture {

    @Inject
    CredentialCheck tests;

    @Inject
    Revocations revocations;

    @Inject
    RefreshScheduler scheduler;

    /** The client of a tenant is cached for some seconds, so each test has a tenant of its own. */
    private final TenantId tenant = new TenantId("t-" + UUID.randomUUID());

    private Listener elsewhere;

    @BeforeEach
    void listen() throws IOException {
        elsewhere = new Listener();
    }

    @AfterEach
    void nothingWentElsewhere() throws IOException {
        elsewhere.socket.close();
        assertThat(elsewhere.connections).hasValue(0);
    }

    @Test
    void refreshGoesNowhereElse() {
        register(provider.url(), Secret.of(StrictProvider.SECRET));
        StoredCredential credential = expired(connected());
        register(elsewhere.url(), Secret.of("another"));

        for (int i = 0; i < 2; i++) {
            assertClientChanged(catchThrowable(() -> get(credential)));
        }
        assertClientChanged(
                catchThrowable(() -> await(tokens.refreshCredential(credential.key(), TokenQuery.DEFAULT))));
        await(scheduler.tick());
        Awaitility.await()
                .until(() -> "client_changed".equals(row(credential).refresh().lastError()));
        // not "try again later" either, while its turn is awaited
        assertClientChanged(catchThrowable(() -> get(credential)));
        assertClientChanged(
                catchThrowable(() -> await(tokens.refreshCredential(credential.key(), TokenQuery.DEFAULT))));

        assertThat(provider.arrivals()).isZero();
        assertThat(row(credential).status()).isEqualTo(CredentialStatus.ACTIVE);
        assertThat(row(credential).refreshToken()).isEqualTo(credential.refreshToken());
        assertThat(row(credential).refresh().unresolved()).isZero();

        register(provider.url(), Secret.of(StrictProvider.SECRET));
        database.set(credential.key().id(), "last_failed_at = NULL, next_refresh_at = clock_timestamp()");
        assertThat(get(credential).version()).isEqualTo(2);
        assertThat(row(credential).clientVars()).isEqualTo(Map.of("base", provider.url()));
    }

    @Test
    void tokenThatWorksIsHandedOutWithAWarning() {
        register(provider.url(), Secret.of(StrictProvider.SECRET));
        StoredCredential credential = connected();
        register(elsewhere.url(), Secret.of("another"));

        assertThat(get(credential).value()).isNotNull();
        assertThat(await(tokens.refreshCredential(credential.key(), TokenQuery.DEFAULT))
                        .warning())
                .isEqualTo("client_changed");
    }

    @Test
    void testGoesNowhereElse() {
        register(provider.url(), Secret.of(StrictProvider.SECRET));
        StoredCredential credential = connected();
        assertThat(await(tests.test(credential.key())).works()).isTrue();
        register(elsewhere.url(), Secret.of("another"));

        assertClientChanged(catchThrowable(() -> await(tests.test(credential.key()))));
    }

    @Test
    void revocationWaitsForTheVariablesOfTheGrant() {
        register(provider.url(), Secret.of(StrictProvider.SECRET));
        StoredCredential credential = connected();
        register(elsewhere.url(), Secret.of("another"));

        assertThat(await(tokens.revokeCredential(credential.key(), "bob")).provider())
                .isEqualTo(Revocation.AtProvider.PENDING);
        database.run("UPDATE revocation_outbox SET next_attempt_at = clock_timestamp()");
        assertThat(await(revocations.retryDue(10))).isEqualTo(1);
        assertThat(provider.revocations()).isEmpty();

        // a new grant at the other host does not supersede it
        store(credential.account(), grant("a", null, HOUR).withClient(StrictProvider.CLIENT, vars(elsewhere.url())));
        assertThat(database.count("SELECT count(*) FROM revocation_outbox")).isEqualTo(1);

        register(provider.url(), Secret.of(StrictProvider.SECRET));
        database.run("UPDATE revocation_outbox SET next_attempt_at = clock_timestamp()");
        assertThat(await(revocations.retryDue(10))).isEqualTo(1);
        assertThat(provider.isDead(user(credential))).isTrue();
        assertThat(database.count("SELECT count(*) FROM revocation_outbox")).isZero();
    }

    @Test
    void newGrantTakesTheNewVariablesAndNotTheOldRefreshToken() {
        register(elsewhere.url(), Secret.of("another"));
        AccountKey account = new AccountKey(tenant, "hosted", someone());
        StoredCredential before =
                store(account, grant("a", "r", HOUR).withClient(StrictProvider.CLIENT, vars(elsewhere.url())));
        register(provider.url(), Secret.of(StrictProvider.SECRET));

        StoredCredential bare =
                store(account, grant("b", null, HOUR).withClient(StrictProvider.CLIENT, vars(provider.url())));
        assertThat(bare.key()).isEqualTo(before.key());
        assertThat(bare.refreshToken()).isNull();

        StrictProvider.Tokens granted = provider.grant(account.user());
        StoredCredential whole = expired(store(
                account,
                grant(granted.access(), granted.refresh(), HOUR)
                        .withClient(StrictProvider.CLIENT, vars(provider.url()))));
        assertThat(get(whole).version()).isEqualTo(4);
    }

    /** Changes the variables of a client beside its secret, before the service reads them. */
    @Test
    void writerOfTheDatabaseLeadsNoSecretElsewhere() {
        register(provider.url(), Secret.of(StrictProvider.SECRET));
        StoredCredential credential = expired(connected());
        database.run("UPDATE oauth_clients SET vars = '" + json(elsewhere.url()) + "'");

        assertThat(catchThrowable(() -> get(credential))).isInstanceOf(CryptoException.Tampered.class);
        assertThat(provider.arrivals()).isZero();
    }

    @Test
    void writerOfTheDatabaseLeadsNoGrantElsewhere() {
        register(provider.url(), null);
        StoredCredential credential = expired(connected());
        database.run("UPDATE oauth_clients SET vars = '" + json(elsewhere.url()) + "'");

        assertClientChanged(catchThrowable(() -> get(credential)));
        // those of the grant as well
        database.set(credential.key().id(), "client_vars = '" + json(elsewhere.url()) + "'");
        assertThat(catchThrowable(() -> get(credential))).isInstanceOf(CryptoException.Tampered.class);
        assertThat(await(tokens.revokeCredential(credential.key(), "bob")).provider())
                .isEqualTo(Revocation.AtProvider.PENDING);

        assertThat(provider.arrivals()).isZero();
        assertThat(provider.revocations()).isEmpty();
    }

    private void register(String base, @Nullable Secret secret) {
        var client = new ClientRegistration("hosted", StrictProvider.CLIENT, secret, Scopes.NONE, null, vars(base));
        await(tokens.registerProvider(tenant, client, "tester"));
    }

    /** A grant of this host. */
    private StoredCredential connected() {
        AccountKey account = new AccountKey(tenant, "hosted", someone());
        StrictProvider.Tokens granted = provider.grant(account.user());
        return store(
                account,
                grant(granted.access(), granted.refresh(), HOUR)
                        .withClient(StrictProvider.CLIENT, vars(provider.url())));
    }

    private StoredCredential expired(StoredCredential credential) {
        database.set(
                credential.key().id(),
                "issued_at = clock_timestamp() - interval '2 h', expires_at = clock_timestamp() - interval '1 h',"
                        + " next_refresh_at = clock_timestamp() - interval '65 min'");
        return row(credential);
    }

    private static Map<String, String> vars(String base) {
        return Map.of("base", base);
    }

    private static String json(String base) {
        return "{\"base\":\"" + base + "\"}";
    }

    private static void assertClientChanged(Throwable failure) {
        assertThat(failure)
                .isInstanceOfSatisfying(
                        ProviderException.Misconfigured.class,
                        wrong -> assertThat(wrong.code()).isEqualTo("client_changed"))
                .hasMessageContainingAll("restore them", "connect the account again");
    }

    /** A server that records every connection. */
    private static final class Listener {

        final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        final AtomicInteger connections = new AtomicInteger();

        Listener() throws IOException {
            Thread.ofVirtual().start(() -> {
                while (!socket.isClosed()) {
                    try (var connection = socket.accept()) {
                        connections.incrementAndGet();
                    } catch (IOException e) {
                        if (!socket.isClosed()) {
                            throw new UncheckedIOException(e);
                        }
                    }
                }
            });
        }

        String url() {
            return "http://127.0.0.1:" + socket.getLocalPort();
        }
    }
}
