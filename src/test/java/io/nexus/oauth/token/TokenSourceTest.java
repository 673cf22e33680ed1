package io.nexus.oauth.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.AccessToken.Freshness;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.RefreshLease;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.token.TokenQuery.KnownVersions;
import io.nexus.oauth.token.TokenQuery.Version;
import io.nexus.oauth.token.grant.CredentialCache;
import io.nexus.oauth.token.grant.GrantSealer;
import io.nexus.oauth.token.grant.UnpersistedGrants;
import io.nexus.oauth.token.refresh.TokenFixture;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Held tokens, required scopes, and requests while the database is unavailable. */
@QuarkusTest
class TokenSourceTest extends TokenFixture {

    @Inject
    UnpersistedGrants unpersisted;

    @Inject
    GrantSealer sealer;

    @Inject
    CredentialCache warm;

    @AfterEach
    void letGo() {
        database.run("ALTER TABLE IF EXISTS away RENAME TO oauth_credentials");
    }

    private static TokenQuery holding(StoredCredential credential, long version) {
        return new TokenQuery(
                Optional.empty(),
                Optional.empty(),
                Scopes.NONE,
                new KnownVersions(false, List.of(new Version(credential.key().id(), version))));
    }

    private static TokenQuery needing(String... scopes) {
        return new TokenQuery(Optional.empty(), Optional.empty(), Scopes.of(List.of(scopes)), KnownVersions.NONE);
    }

    private AccessToken get(StoredCredential credential, TokenQuery query) {
        return await(tokens.getValidToken(credential.key(), query));
    }

    // held tokens

    @Test
    void tokenThatIsHeldIsNotOpened() {
        StoredCredential credential = connect("steady");
        StoredCredential other = connect("steady");
        database.set(
                credential.key().id(),
                "encrypted_access_token = '" + other.accessToken().text() + "'");
        assertThat(failure(credential)).isInstanceOf(CryptoException.class);

        for (int i = 0; i < 2; i++) {
            AccessToken token = get(credential, holding(credential, 1));
            assertThat(token.value()).isNull();
            assertThat(token.version()).isEqualTo(1);
        }
        assertThat(await(tokens.getValidToken(credential.account(), holding(credential, 1)))
                        .value())
                .isNull();
    }

    @Test
    void anotherVersionOrCredentialIsHandedOut() {
        StoredCredential credential = connect("steady");

        assertThat(get(credential, holding(credential, 2)).value()).isNotNull();
        assertThat(get(credential, holding(connect("steady"), 1)).value()).isNotNull();
        assertThat(get(credential, TokenQuery.DEFAULT).value()).isNotNull();
    }

    @Test
    void warningIsNewsToWhoHoldsTheToken() {
        StoredCredential credential = connect("steady");
        database.set(credential.key().id(), "last_error = 'provider_error', last_failed_at = clock_timestamp()");

        AccessToken token = get(credential, holding(credential, 1));

        assertThat(token.warning()).isEqualTo("provider_error");
        assertThat(token.value()).isNotNull();
    }

    @Test
    void holdingATokenDelaysNoRefresh() {
        StoredCredential credential = ending("strict", 100);

        AccessToken token = get(credential, holding(credential, 1));

        assertThat(token.value()).isNull();
        assertThat(token.freshness()).isEqualTo(Freshness.REFRESHING);
        Awaitility.await().until(() -> row(credential).version() == 2);
        assertThat(get(credential, holding(credential, 1)).value().reveal())
                .isEqualTo(provider.current(user(credential)).access());
    }

    @Test
    void heldTokenThatEndsTooSoonIsReplaced() {
        StoredCredential credential = ending("strict", 40);

        AccessToken token = get(credential, holding(credential, 1));

        assertThat(token.version()).isEqualTo(2);
        assertThat(token.value()).isNotNull();
    }

    @Test
    void holdingATokenOpensNoDoor() {
        StoredCredential credential = connect("steady");
        await(tokens.revokeCredential(credential.key(), "bob"));

        assertThat(catchThrowable(() -> get(credential, holding(credential, 1))))
                .isInstanceOf(CredentialException.Revoked.class);
    }

    // imported tokens

    /** The rest of an imported token's lifetime says nothing about the lifetime of the next one. */
    @Test
    void anImportedTokenThatIsAboutToExpireIsRefreshed() {
        AccountKey account = account("steady", someone());
        StoredCredential credential = connect(account, Duration.ofSeconds(5));

        assertThat(get(credential).value().reveal()).endsWith("~2");
    }

    @Test
    void anImportedTokenBelowTheFloorIsNotHandedOut() {
        StoredCredential credential = store(account("steady", someone()), grant("a", null, Duration.ofSeconds(5)));

        assertThat(failure(credential)).isInstanceOf(CredentialException.ReauthorizationRequired.class);
    }

    // required scopes

    @Test
    void aScopeMayContainACommaAndIsStoredAsOne() {
        StoredCredential credential = granted("read", "a,b");

        assertThat(row(credential).scopes().values()).containsExactly("read", "a,b");
    }

    private StoredCredential granted(String... scopes) {
        OAuthCredential plain = grant("a", "r", HOUR);
        return store(
                account("steady", someone()),
                new OAuthCredential(
                        plain.accessToken(),
                        plain.refreshToken(),
                        "Bearer",
                        plain.expiresAt(),
                        false,
                        Scopes.of(List.of(scopes)),
                        StrictProvider.CLIENT,
                        Map.of(),
                        null,
                        Map.of(),
                        null,
                        null));
    }

    @Test
    void grantThatLacksAScopeIsRefusedWithItsName() {
        StoredCredential credential = granted("read", "email");

        assertThat(get(credential, needing("email", "read")).value()).isNotNull();
        // cold and warm
        for (int i = 0; i < 2; i++) {
            assertThat(catchThrowable(() -> get(credential, needing("write", "read", "admin"))))
                    .isInstanceOfSatisfying(CredentialException.InsufficientScope.class, lacking -> {
                        assertThat(lacking.missing()).containsExactly("write", "admin");
                        assertThat(lacking.key()).isEqualTo(credential.key());
                    });
        }
    }

    @Test
    void unknownScopesLackNothing() {
        assertThat(get(connect("steady"), needing("write")).value()).isNotNull();
    }

    @Test
    void noRefreshIsSpentOnAGrantThatLacksAScope() {
        StoredCredential credential = granted("read");
        database.set(credential.key().id(), "expires_at = clock_timestamp()");

        assertThat(catchThrowable(() -> get(credential, needing("write"))))
                .isInstanceOf(CredentialException.InsufficientScope.class);

        assertThat(provider.arrivals()).isZero();
    }

    @Test
    void refreshMayNarrowTheGrant() {
        StoredCredential credential = expired("steady");
        database.set(credential.key().id(), "scopes = 'read write'");
        provider.next(user(credential), provider.spendWith("\"scope\": \"read\""));

        assertThat(catchThrowable(() -> get(credential, needing("write"))))
                .isInstanceOf(CredentialException.InsufficientScope.class);

        assertThat(row(credential).scopes()).isEqualTo(Scopes.of(List.of("read")));
    }

    // while the database is unavailable

    /** The credential as it will be stored after a refresh. */
    private StoredCredential answered(StoredCredential now, String token, Duration life) {
        catchUp(); // what is held is let go of when somebody changed the row
        var sealed = sealer.seal(
                now.key(),
                OAuthCredential.bearer(Secret.of(token), null, Instant.now().plus(life)),
                Instant.now(),
                catalogue.get("strict").timers());
        return new StoredCredential(
                now.key(),
                now.account(),
                now.status(),
                sealed.accessToken(),
                now.refreshToken(),
                "Bearer",
                sealed.expiresAt(),
                false,
                now.scopes(),
                now.clientId(),
                now.clientVars(),
                now.identity(),
                now.metadata(),
                now.version() + 1,
                now.refresh(),
                sealed.issuedAt(),
                now.createdAt(),
                now.updatedAt(),
                null,
                null,
                now.createdBy(),
                null);
    }

    @Inject
    ProviderCatalogue catalogue;

    /** As after a failed attempt to store the response. */
    private void hold(StoredCredential provisional) {
        RefreshLease lease = new RefreshLease(provisional, UUID.randomUUID(), 1, 0, 1);
        var unused = unpersisted.expect(lease);
        unpersisted.hold(lease, provisional);
    }

    private void takeDatabaseAway() {
        database.run("ALTER TABLE oauth_credentials RENAME TO away");
    }

    @Test
    void whatCouldNotBeStoredIsHandedOutWhileTheDatabaseIsAway() {
        StoredCredential credential = expired("strict");
        hold(answered(credential, "kept", HOUR));
        takeDatabaseAway();

        AccessToken byKey = get(credential, holding(credential, 2));
        AccessToken byAccount = await(tokens.getValidToken(credential.account(), TokenQuery.DEFAULT));
        AccessToken reported = await(tokens.reportRejected(credential.key(), 1, TokenQuery.DEFAULT));

        for (AccessToken token : List.of(byKey, byAccount, reported)) {
            // never "the same": the token that is finally stored may be another with the same version
            assertThat(token.value().reveal()).isEqualTo("kept");
            assertThat(token.version()).isEqualTo(2);
            assertThat(token.warning()).isEqualTo("storage_unavailable");
        }
        unpersisted.remove(credential.key().id(), 2);
        assertThat(failure(credential)).isInstanceOf(StorageException.class);
    }

    // an expired token is not returned, and an outage is reported as an outage
    @Test
    void whatCouldNotBeStoredIsNotHandedOutAfterItsEnd() {
        StoredCredential credential = expired("strict");
        hold(answered(credential, "kept", Duration.ofSeconds(5)));
        takeDatabaseAway();

        assertThat(failure(credential)).isInstanceOf(StorageException.class);
        unpersisted.remove(credential.key().id(), 2);
    }

    // remembered here, and for all that is known revoked elsewhere
    @Test
    void whatWasOnlyRememberedIsNotHandedOutOnceTheFeedIsLost() {
        StoredCredential credential = connect("strict");
        catchUp();
        get(credential);
        Awaitility.await().until(() -> warm.warm(credential.key()).isPresent() || get(credential) == null);
        takeDatabaseAway();
        assertThat(get(credential).value()).isNotNull();

        warm.missed();

        assertThat(failure(credential)).isInstanceOf(StorageException.class);
    }

    @Test
    void whatCouldNotBeStoredComesBeforeTheOlderRow() {
        StoredCredential credential = connect("strict");
        get(credential);
        hold(answered(credential, "kept", HOUR));

        assertThat(get(credential).value().reveal()).isEqualTo("kept");
        assertThat(await(tokens.refreshCredential(credential.key(), TokenQuery.DEFAULT))
                        .value()
                        .reveal())
                .isEqualTo("kept");
        assertThat(await(tokens.reportRejected(credential.key(), 2, TokenQuery.DEFAULT))
                        .value()
                        .reveal())
                .isEqualTo("kept");
        assertThat(provider.arrivals()).isZero();

        unpersisted.remove(credential.key().id(), 2);
        assertThat(get(credential).value().reveal())
                .isEqualTo(provider.current(user(credential)).access());
    }

    @Test
    void storedGrantOfTheSameVersionComesFirst() {
        StoredCredential credential = connect("strict");
        hold(answered(credential, "kept", HOUR));
        store(credential.account(), grant("connected again", "r", HOUR));

        assertThat(get(credential).value().reveal()).isEqualTo("connected again");
        unpersisted.remove(credential.key().id(), 2);
    }

    @Test
    void revocationIsNotUndone() {
        StoredCredential credential = connect("strict");
        hold(answered(credential, "kept", HOUR));
        await(tokens.revokeCredential(credential.key(), "bob"));

        assertThat(failure(credential)).isInstanceOf(CredentialException.Revoked.class);
        unpersisted.remove(credential.key().id(), 2);
    }

    @Test
    void holdsTheNewestAndLetsGoOfNoNewer() {
        StoredCredential one = connect("strict");
        StoredCredential two = answered(one, "two", HOUR);
        StoredCredential three = answered(two, "three", HOUR);
        UUID id = one.key().id();
        int before = unpersisted.size();

        hold(three);
        hold(two);
        assertThat(unpersisted.get(one.key())).contains(three);
        assertThat(unpersisted.find(one.account())).contains(three);
        assertThat(unpersisted.find(account("strict", someone()))).isEmpty();
        assertThat(unpersisted.get(new io.nexus.oauth.credential.CredentialKey(
                        new io.nexus.oauth.credential.TenantId("other"), id)))
                .isEmpty();
        assertThat(unpersisted.newerThan(two)).contains(three);
        assertThat(unpersisted.newerThan(three)).isEmpty();
        assertThat(unpersisted.size()).isEqualTo(before + 1);

        unpersisted.remove(id, 2);
        assertThat(unpersisted.get(one.key())).contains(three);
        unpersisted.remove(id, 3);
        assertThat(unpersisted.size()).isEqualTo(before);
    }
}
