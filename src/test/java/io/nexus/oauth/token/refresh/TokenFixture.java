package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.agroal.api.AgroalDataSource;
import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.store.CredentialStore;
import io.nexus.oauth.store.connection.ChangeFeed;
import io.nexus.oauth.testing.Heard;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.testing.StrictProviderResource;
import io.nexus.oauth.testing.TestDatabase;
import io.nexus.oauth.token.TokenManager;
import io.nexus.oauth.token.TokenQuery;
import io.nexus.oauth.token.client.ClientLimiter;
import io.nexus.oauth.token.client.ClientLimiters;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** The service with its real database beside a real authorization server, both empty. */
public abstract class TokenFixture {

    protected static final Duration HOUR = Duration.ofHours(1);
    private static final AtomicInteger USERS = new AtomicInteger();

    @Inject
    protected TokenManager tokens;

    @Inject
    protected CredentialStore credentials;

    @Inject
    protected Heard heard;

    @Inject
    protected ClientLimiters limiters;

    @Inject
    protected AgroalDataSource dataSource;

    @Inject
    protected ChangeFeed changes;

    protected StrictProvider provider;
    protected TestDatabase database;

    @BeforeEach
    protected void startEmpty() {
        // nothing is spent while the database has not been heard of for seconds
        Awaitility.await().until(changes::isSettled);
        provider.reset();
        heard.clear();
        limiters.forget();
        database = new TestDatabase(dataSource);
        database.clear();
        StrictProviderResource.writeSecret();
    }

    @AfterEach
    protected void heal() {
        database.heal("oauth_credentials");
    }

    /** A new user. */
    protected static String someone() {
        return "user" + USERS.incrementAndGet() + "@example.com";
    }

    protected static AccountKey account(String provider, String user) {
        return new AccountKey(TenantId.DEFAULT, provider, user);
    }

    /** Stores a new grant of the provider, with an access token of one hour. */
    protected StoredCredential connect(String at) {
        return connect(account(at, someone()), HOUR);
    }

    protected StoredCredential connect(AccountKey account, Duration life) {
        StrictProvider.Tokens granted = provider.grant(account.user());
        return store(account, grant(granted.access(), granted.refresh(), life));
    }

    protected static OAuthCredential grant(String access, String refresh, Duration life) {
        return OAuthCredential.bearer(
                        Secret.of(access),
                        refresh == null ? null : Secret.of(refresh),
                        life == null ? null : Instant.now().plus(life))
                .withClient(StrictProvider.CLIENT, Map.of());
    }

    protected StoredCredential store(AccountKey account, OAuthCredential grant) {
        return await(tokens.storeCredential(account, grant, "tester", false)).credential();
    }

    /** As {@link #connect}, one hour after its access token expired. */
    protected StoredCredential expired(String at) {
        StoredCredential credential = connect(at);
        database.set(
                credential.key().id(),
                "issued_at = clock_timestamp() - interval '2 h', expires_at = clock_timestamp() - interval '1 h',"
                        + " next_refresh_at = clock_timestamp() - interval '65 min'");
        return row(credential);
    }

    /** As {@link #connect}, the given seconds before its access token expires: long due. */
    protected StoredCredential ending(String at, int seconds) {
        StoredCredential credential = connect(at);
        database.set(
                credential.key().id(),
                "issued_at = clock_timestamp() - interval '1 h', expires_at = clock_timestamp() + interval '" + seconds
                        + " s', next_refresh_at = clock_timestamp() - interval '5 min'");
        return row(credential);
    }

    protected StoredCredential row(StoredCredential credential) {
        return await(credentials.find(credential.key())).orElseThrow();
    }

    protected AccessToken get(StoredCredential credential) {
        return await(tokens.getValidToken(credential.key(), TokenQuery.DEFAULT));
    }

    protected Throwable failure(StoredCredential credential) {
        return catchThrowable(() -> get(credential));
    }

    /** The code of a failed token request, which must be that of an unavailable provider. */
    protected String unavailable(StoredCredential credential) {
        Throwable failure = failure(credential);
        assertThat(failure).isInstanceOf(ProviderException.Unavailable.class);
        return ((ProviderException) failure).code();
    }

    /** Waits until the notifications of all changes so far have arrived; they arrive in the order of the commits. */
    protected void catchUp() {
        UUID last = UUID.randomUUID();
        CompletableFuture<UUID> told = new CompletableFuture<>();
        changes.listen(new ChangeFeed.Listener() {
            @Override
            public void changed(UUID id) {
                if (id.equals(last)) {
                    told.complete(id);
                }
            }

            @Override
            public void missed() {
                // a notification that was lost does not come late
            }
        });
        changes.publish(last);
        assertThat(told).succeedsWithin(Duration.ofSeconds(30));
    }

    /** Advances the time until a refused grant is asked for again. */
    protected void passConfirmation(StoredCredential credential) {
        database.set(credential.key().id(), "next_refresh_at = clock_timestamp() - interval '1 s'");
    }

    /** Refuses the grant twice, as a provider does with a dead grant. */
    protected void endGrant(StoredCredential credential) {
        provider.next(user(credential), StrictProvider.error(400, "invalid_grant"));
        provider.next(user(credential), StrictProvider.error(400, "invalid_grant"));
        failure(credential);
        passConfirmation(credential);
        failure(credential);
    }

    protected String refreshToken(StoredCredential credential) {
        return await(tokens.getCredential(credential.account()))
                .orElseThrow()
                .refreshToken()
                .reveal();
    }

    protected static String user(StoredCredential credential) {
        return credential.account().user();
    }

    protected static CredentialKey key(StoredCredential credential) {
        return credential.key();
    }

    /** A slot of a limiter of its own. */
    protected static ClientLimiter.Permit permit() {
        return new ClientLimiter(1, System::nanoTime, () -> 0, () -> {})
                .reserve(100)
                .getFirst();
    }

    protected static <T> T await(Uni<T> uni) {
        return uni.await().atMost(Duration.ofSeconds(30));
    }
}
