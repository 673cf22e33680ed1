package io.nexus.oauth.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.nexus.oauth.credential.AccessToken.Freshness;
import io.nexus.oauth.credential.AccountIdentity;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialFilter;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.SavedCredential;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.token.refresh.TokenFixture;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.mutiny.Uni;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** Storing, finding, listing and revoking. */
@QuarkusTest
class TokenManagerTest extends TokenFixture {

    private static final TenantId ACME = new TenantId("acme");
    private static final TenantId OTHER = new TenantId("other");

    // a registration is what the product itself uses
    @Test
    void registersProvider() {
        StoredCredential credential = expired("orphan");
        assertThat(failure(credential)).isInstanceOf(ProviderException.Misconfigured.class);

        await(tokens.registerProvider(TenantId.DEFAULT, registration("orphan", StrictProvider.CLIENT), "tester"));

        assertThat(get(credential).value().reveal())
                .isEqualTo(provider.current(user(credential)).access());
    }

    @Test
    void refusesUnknownProvider() {
        assertThatThrownBy(() -> tokens.registerProvider(TenantId.DEFAULT, registration("unknown", "c"), "tester"))
                .isInstanceOf(ProviderException.UnknownProvider.class);
        assertThatThrownBy(() -> store(account("unknown", someone()), grant("a", "r", HOUR)))
                .isInstanceOf(ProviderException.UnknownProvider.class)
                .hasMessage("there is no provider of that name");
    }

    @Test
    void storesCredential() {
        String user = someone();

        SavedCredential saved =
                await(tokens.storeCredential(account("steady", user), grant("a", "r", HOUR), "alice", false));

        assertThat(saved.created()).isTrue();
        StoredCredential credential = saved.credential();
        assertThat(credential.key().id()).isNotNull();
        assertThat(credential.account()).isEqualTo(account("steady", user));
        assertThat(credential.status()).isEqualTo(CredentialStatus.ACTIVE);
        assertThat(credential.createdBy()).isEqualTo("alice");
        assertThat(credential.version()).isEqualTo(1);
        assertThat(database.audit(credential.key().id())).containsExactly("credential_created");
        assertThat(heard.of(credential.key().id())).containsExactly("credential_created");
    }

    // the account has one row whatever the order
    @Test
    void storingTwiceUpdatesOneCredential() {
        StoredCredential first = connect("steady");

        SavedCredential second = await(tokens.storeCredential(first.account(), grant("a2", "r2", HOUR), "bob", false));

        assertThat(second.created()).isFalse();
        assertThat(second.credential().key()).isEqualTo(first.key());
        assertThat(second.credential().version()).isEqualTo(2);
        assertThat(second.credential().createdAt()).isEqualTo(first.createdAt());
        assertThat(get(first).value().reveal()).isEqualTo("a2");
        assertThat(refreshToken(first)).isEqualTo("r2");
        assertThat(database.audit(first.key().id())).containsExactly("credential_created", "credential_updated");
        assertThat(heard.of(first.key().id())).containsExactly("credential_created", "credential_updated");
    }

    // a race of two first consents must not make two rows, or every later call fails
    @Test
    void racingFirstGrantsMakeOneCredential() {
        AccountKey account = account("steady", someone());
        List<Uni<SavedCredential>> racers = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            racers.add(tokens.storeCredential(account, grant("a" + i, "r" + i, HOUR), "tester", false));
        }

        List<SavedCredential> saved = await(Uni.join().all(racers).andFailFast());

        assertThat(saved)
                .extracting(each -> each.credential().key())
                .containsOnly(saved.getFirst().credential().key());
        assertThat(saved).filteredOn(SavedCredential::created).hasSize(1);
        assertThat(database.count("SELECT count(*) FROM oauth_credentials WHERE user_email = '" + account.user() + "'"))
                .isEqualTo(1);
        assertThat(get(saved.getFirst().credential()).value().reveal()).startsWith("a");
    }

    // PostgreSQL can miss the row of a grant that is being stored; the primary key then refuses ours
    @Test
    void storesGrantThatThePrimaryKeyRefusedOnce() {
        StoredCredential first = connect("steady");
        database.run("CREATE SEQUENCE refused_once");
        database.run("""
                CREATE FUNCTION refuse_once() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                  IF nextval('refused_once') = 1 THEN
                    RAISE 'duplicate key' USING ERRCODE = '23505', CONSTRAINT = 'oauth_credentials_pkey';
                  END IF;
                  RETURN NEW;
                END $$""");
        database.run("CREATE TRIGGER refuse_once BEFORE INSERT ON oauth_credentials"
                + " FOR EACH ROW EXECUTE FUNCTION refuse_once()");
        try {
            SavedCredential second =
                    await(tokens.storeCredential(first.account(), grant("a2", "r2", HOUR), "bob", false));

            assertThat(second.created()).isFalse();
            assertThat(second.credential().version()).isEqualTo(2);
            assertThat(refreshToken(first)).isEqualTo("r2");
            assertThat(database.audit(first.key().id())).containsExactly("credential_created", "credential_updated");
        } finally {
            database.run("DROP TRIGGER refuse_once ON oauth_credentials");
            database.run("DROP FUNCTION refuse_once");
            database.run("DROP SEQUENCE refused_once");
        }
    }

    @Test
    void givesCredentialBack() {
        AccountKey account = account("steady", someone());
        OAuthCredential grant = new OAuthCredential(
                Secret.of("a"),
                Secret.of("r"),
                "Bearer",
                Instant.now().plus(HOUR).truncatedTo(ChronoUnit.MICROS),
                true,
                Scopes.of(List.of("read", "write")),
                StrictProvider.CLIENT,
                Map.of("host", "x.example"),
                new AccountIdentity("4711", "Alice"),
                Map.of("instance_url", "https://x.example"),
                Instant.now().plus(Duration.ofDays(90)).truncatedTo(ChronoUnit.MICROS),
                null);
        StoredCredential stored = store(account, grant);

        // nothing of it is lost
        assertThat(await(tokens.getCredential(account))).contains(grant);
        assertThat(await(tokens.findCredential(account))).contains(row(stored));
        assertThat(await(tokens.findCredential(stored.key()))).contains(row(stored));
    }

    @Test
    void findsNothingWhereNothingIs() {
        assertThat(await(tokens.getCredential(account("steady", someone())))).isEmpty();
        assertThat(await(tokens.findCredential(account("steady", someone())))).isEmpty();
        assertThat(await(tokens.findCredential(new CredentialKey(TenantId.DEFAULT, UUID.randomUUID()))))
                .isEmpty();
    }

    @Test
    void handsOutValidTokenWithoutAskingTheProvider() {
        StoredCredential credential = connect("steady");

        var token = get(credential);

        assertThat(token.value().reveal())
                .isEqualTo(provider.current(user(credential)).access());
        assertThat(token.freshness()).isEqualTo(Freshness.FRESH);
        assertThat(token.warning()).isNull();
        assertThat(token.version()).isEqualTo(1);
        assertThat(provider.arrivals()).isZero();
    }

    // a read writes nothing
    @Test
    void readingChangesNothing() {
        StoredCredential credential = connect("steady");
        String before = database.get(credential.key().id(), "oauth_credentials.*, xmin");

        get(credential);

        assertThat(database.get(credential.key().id(), "oauth_credentials.*, xmin"))
                .isEqualTo(before);
    }

    @Test
    void refreshesExpiredToken() {
        StoredCredential credential = expired("steady");

        var token = await(tokens.getValidToken(credential.account(), TokenQuery.DEFAULT));

        assertThat(token.value().reveal()).isEqualTo("at~" + user(credential) + "~1~2");
        assertThat(token.freshness()).isEqualTo(Freshness.REFRESHED);
        assertThat(token.expiresAt()).isCloseTo(Instant.now().plus(HOUR), within(30, ChronoUnit.SECONDS));
        assertThat(provider.calls(user(credential))).hasSize(1);
        // stored, and notified
        assertThat(get(credential).value()).isEqualTo(token.value());
        assertThat(provider.calls(user(credential))).hasSize(1);
        assertThat(database.audit(credential.key().id())).containsExactly("credential_created", "token_refreshed:read");
        assertThat(heard.of(credential.key().id())).containsExactly("credential_created", "token_refreshed:read");
    }

    @Test
    void hasNoTokenForWhoIsNotConnected() {
        assertThatThrownBy(() -> await(tokens.getValidToken(account("steady", someone()), TokenQuery.DEFAULT)))
                .isInstanceOf(CredentialException.NotFound.class)
                .hasMessage("there is no such credential");
    }

    // revoking twice is once
    @Test
    void revokesHereAndAtTheProvider() {
        StoredCredential credential = connect("steady");
        String refresh = refreshToken(credential);

        Revocation revocation = await(tokens.revokeCredential(credential.key(), "bob"));

        assertThat(revocation.provider()).isEqualTo(Revocation.AtProvider.REVOKED);
        assertThat(revocation.credential().status()).isEqualTo(CredentialStatus.REVOKED);
        assertThat(revocation.credential().revokedAt()).isNotNull();
        assertThat(revocation.credential().accessToken()).isNull();
        assertThat(revocation.credential().refreshToken()).isNull();
        assertThat(provider.revocations())
                .hasSize(1)
                .first()
                .satisfies(asked -> assertThat(asked).containsEntry("token", refresh));
        assertThat(provider.isDead(user(credential))).isTrue();
        assertThat(await(tokens.getCredential(credential.account()))).isEmpty();
        assertThat(failure(credential))
                .isInstanceOfSatisfying(
                        CredentialException.Revoked.class,
                        revoked -> assertThat(revoked.revokedAt())
                                .isEqualTo(revocation.credential().revokedAt()));
        assertThat(database.audit(credential.key().id()))
                .containsExactly("credential_created", "credential_revoked", "provider_revocation:revoked");
        assertThat(heard.of(credential.key().id())).containsExactly("credential_created", "credential_revoked");
        assertThat(database.count("SELECT count(*) FROM revocation_outbox")).isZero();
    }

    // once is enough
    @Test
    void revokingTwiceChangesNothing() {
        StoredCredential credential = connect("steady");
        Revocation first = await(tokens.revokeCredential(credential.key(), "bob"));

        Revocation second = await(tokens.revokeCredential(credential.key(), "carol"));

        assertThat(second.provider()).isEqualTo(Revocation.AtProvider.ALREADY);
        assertThat(second.credential()).isEqualTo(first.credential());
        assertThat(provider.revocations()).hasSize(1);
        assertThat(database.audit(credential.key().id()))
                .filteredOn("credential_revoked"::equals)
                .hasSize(1);
    }

    @Test
    void cannotRevokeWhatIsNotThere() {
        assertThatThrownBy(() ->
                        await(tokens.revokeCredential(new CredentialKey(TenantId.DEFAULT, UUID.randomUUID()), "bob")))
                .isInstanceOf(CredentialException.NotFound.class);
    }

    // a new grant clears the state of the revocation
    @Test
    void connectsAgainAfterRevocation() {
        StoredCredential credential = connect("steady");
        await(tokens.revokeCredential(credential.key(), "bob"));

        SavedCredential again =
                await(tokens.storeCredential(credential.account(), grant("a2", "r2", HOUR), "carol", false));

        assertThat(again.created()).isFalse();
        assertThat(again.credential().key()).isEqualTo(credential.key());
        assertThat(again.credential().revokedAt()).isNull();
        assertThat(again.credential().createdBy()).isEqualTo("carol");
        assertThat(get(credential).value().reveal()).isEqualTo("a2");
    }

    @Test
    void listsCredentialsOfAllProviders() {
        StoredCredential one = connect("steady");
        StoredCredential two = connect("strict");

        assertThat(list(TenantId.DEFAULT, CredentialFilter.ALL, 10))
                .extracting(StoredCredential::key)
                .containsExactly(one.key(), two.key());
    }

    // no tenant means no list at all, it cannot be asked for
    @Test
    void listsOneTenantOnly() {
        String user = someone();
        StoredCredential mine = store(new AccountKey(ACME, "steady", user), grant("a", "r", HOUR));
        store(new AccountKey(OTHER, "steady", user), grant("b", "s", HOUR));

        assertThat(list(ACME, CredentialFilter.ALL, 10)).singleElement().satisfies(only -> {
            assertThat(only.key()).isEqualTo(mine.key());
            assertThat(only.account()).isEqualTo(mine.account());
            assertThat(only.status()).isEqualTo(mine.status());
            assertThat(only.version()).isEqualTo(mine.version());
            assertThat(only.expiresAt()).isEqualTo(mine.expiresAt());
            assertThat(only.scopes()).isEqualTo(mine.scopes());
            assertThat(only.metadata()).isEqualTo(mine.metadata());
        });
    }

    @Test
    void listsNothingWhereNothingIs() {
        assertThat(list(TenantId.DEFAULT, CredentialFilter.ALL, 10)).isEmpty();
    }

    @Test
    void keepsOnlySealedTokens() {
        StoredCredential credential = connect("steady");
        var plain = provider.current(user(credential));

        String row = database.get(credential.key().id(), "oauth_credentials.*");

        assertThat(row).doesNotContain(plain.access()).doesNotContain(plain.refresh());
        assertThat(database.get(credential.key().id(), "encrypted_access_token"))
                .contains(":gAAAA");
        assertThat(database.get(credential.key().id(), "encrypted_refresh_token"))
                .contains(":gAAAA");
        assertThat(credential.toString()).doesNotContain("gAAAA");
    }

    @Test
    void tenantsDoNotSeeEachOther() {
        String user = someone();
        StoredCredential acme = store(new AccountKey(ACME, "steady", user), grant("of acme", "r", HOUR));
        StoredCredential other = store(new AccountKey(OTHER, "steady", user), grant("of other", "r", HOUR));

        assertThat(get(acme).value().reveal()).isEqualTo("of acme");
        assertThat(get(other).value().reveal()).isEqualTo("of other");
        CredentialKey foreign = new CredentialKey(OTHER, acme.key().id());
        assertThatThrownBy(() -> await(tokens.getValidToken(foreign, TokenQuery.DEFAULT)))
                .isInstanceOf(CredentialException.NotFound.class)
                .hasMessage("there is no such credential");
        assertThatThrownBy(() -> await(tokens.revokeCredential(foreign, "bob")))
                .isInstanceOf(CredentialException.NotFound.class);
        assertThat(get(acme).value().reveal()).isEqualTo("of acme");
    }

    // the user is compared exactly
    @Test
    void usersThatDifferInCaseAreTwo() {
        String user = someone();
        StoredCredential lower = store(account("steady", user), grant("lower", "r", HOUR));
        StoredCredential upper =
                store(account("steady", user.toUpperCase(java.util.Locale.ROOT)), grant("upper", "r", HOUR));

        assertThat(lower.key()).isNotEqualTo(upper.key());
        assertThat(get(lower).value().reveal()).isEqualTo("lower");
    }

    // an instant is an instant, whatever zone it was written in
    @Test
    void keepsInstantsAcrossTimeZones() {
        OffsetDateTime end = OffsetDateTime.parse("2030-01-01T12:00:00+02:00");
        OAuthCredential grant = OAuthCredential.bearer(Secret.of("a"), null, end.toInstant());

        StoredCredential credential = store(account("steady", someone()), grant);

        assertThat(credential.expiresAt()).isEqualTo(Instant.parse("2030-01-01T10:00:00Z"));
        assertThat(database.get(credential.key().id(), "extract(epoch from expires_at)::bigint"))
                .isEqualTo(String.valueOf(end.toEpochSecond()));
    }

    // repeated consent gives no refresh token; the stored one still works
    @Test
    void grantWithoutRefreshTokenKeepsTheStoredOne() {
        StoredCredential credential = connect("steady");
        String refresh = refreshToken(credential);

        store(credential.account(), grant("a2", null, HOUR));

        assertThat(get(credential).value().reveal()).isEqualTo("a2");
        assertThat(refreshToken(credential)).isEqualTo(refresh);
    }

    // a token for another client, account or a revoked grant does not work and must not stay
    @Test
    void doesNotKeepRefreshTokenOfAnotherClient() {
        StoredCredential credential = connect("steady");

        store(credential.account(), grant("a2", null, HOUR).withClient("another client", Map.of()));

        assertThat(row(credential).refreshToken()).isNull();
    }

    @Test
    void doesNotKeepRefreshTokenOfAnotherAccount() {
        AccountKey account = account("steady", someone());
        StoredCredential credential =
                store(account, grant("a", "r", HOUR).withIdentity(new AccountIdentity("1", "One"), Map.of()));

        await(tokens.storeCredential(
                account,
                grant("a2", null, HOUR).withIdentity(new AccountIdentity("2", null), Map.of()),
                "tester",
                true));

        assertThat(row(credential).refreshToken()).isNull();
        assertThat(row(credential).identity()).isEqualTo(new AccountIdentity("2", null));
    }

    @Test
    void doesNotKeepRefreshTokenOfAnEndedGrant() {
        StoredCredential credential = connect("steady");
        database.set(credential.key().id(), "status = 'reauth_required'");

        store(credential.account(), grant("a2", null, HOUR));

        assertThat(row(credential).refreshToken()).isNull();
        assertThat(row(credential).status()).isEqualTo(CredentialStatus.ACTIVE);
    }

    @Test
    void refusesAnotherAccountUnlessAccepted() {
        AccountKey account = account("steady", someone());
        StoredCredential credential =
                store(account, grant("a", "r", HOUR).withIdentity(new AccountIdentity("1", "One"), Map.of()));
        OAuthCredential others = grant("b", "s", HOUR).withIdentity(new AccountIdentity("2", "Two"), Map.of());

        assertThatThrownBy(() -> store(account, others)).isInstanceOf(CredentialException.Conflict.class);
        assertThat(get(credential).value().reveal()).isEqualTo("a");

        await(tokens.storeCredential(account, others, "tester", true));

        assertThat(get(credential).value().reveal()).isEqualTo("b");
        assertThat(row(credential).key()).isEqualTo(credential.key());
    }

    @Test
    void grantOfUnknownAccountKeepsTheIdentity() {
        AccountKey account = account("steady", someone());
        StoredCredential credential =
                store(account, grant("a", "r", HOUR).withIdentity(new AccountIdentity("1", "One"), Map.of()));

        store(account, grant("a2", null, HOUR));

        assertThat(row(credential).identity()).isEqualTo(new AccountIdentity("1", "One"));
        assertThat(refreshToken(credential)).isEqualTo("r");
    }

    // an expired token that cannot be refreshed is no valid token
    @Test
    void expiredTokenWithoutRefreshTokenIsNotHandedOut() {
        StoredCredential credential = store(account("steady", someone()), grant("a", null, HOUR.negated()));

        assertThat(failure(credential))
                .isInstanceOfSatisfying(CredentialException.ReauthorizationRequired.class, ended -> {
                    assertThat(ended.error()).isEqualTo("no_refresh_token");
                    assertThat(ended.key()).isEqualTo(credential.key());
                    assertThat(ended.account()).isEqualTo(credential.account());
                });
        assertThatThrownBy(() -> await(tokens.refreshCredential(credential.key(), TokenQuery.DEFAULT)))
                .isInstanceOf(CredentialException.ReauthorizationRequired.class);
        assertThat(provider.arrivals()).isZero();
    }

    // one notion of expiry; inside the leeway the token still works
    @Test
    void tokenInTheLeewayIsHandedOutWhenItCannotBeRefreshed() {
        StoredCredential credential = store(account("steady", someone()), grant("a", null, Duration.ofSeconds(40)));
        database.set(credential.key().id(), "issued_at = clock_timestamp() - interval '1 h'");

        var token = get(credential);

        assertThat(token.value().reveal()).isEqualTo("a");
        assertThat(token.freshness()).isEqualTo(Freshness.DEGRADED);
        assertThat(token.warning()).isEqualTo("no_refresh_token");
    }

    @Test
    void tokenBelowTheFloorIsNeverHandedOut() {
        StoredCredential credential = store(account("steady", someone()), grant("a", null, Duration.ofSeconds(5)));
        database.set(credential.key().id(), "issued_at = clock_timestamp() - interval '1 h'");

        assertThat(failure(credential)).isInstanceOf(CredentialException.ReauthorizationRequired.class);
    }

    // a token without an end is one on purpose, and it stays valid
    @Test
    void tokenWithoutEndIsHandedOutForEver() {
        StoredCredential credential = store(account("steady", someone()), grant("a", null, null));

        assertThat(get(credential).expiresAt()).isNull();
        assertThat(credential.refresh().nextAt()).isNull();
    }

    // a ciphertext is bound to its row, column and tenant
    @Test
    void swappedCiphertextNeverOpens() {
        StoredCredential mine = connect("steady");
        StoredCredential theirs = connect("steady");
        database.set(
                mine.key().id(),
                "encrypted_access_token = '" + theirs.accessToken().text() + "'");

        // a failure of our own kind
        assertThat(failure(mine)).isInstanceOf(CryptoException.Tampered.class);
        assertThatThrownBy(() -> await(tokens.getCredential(mine.account()))).isInstanceOf(CryptoException.class);

        database.set(
                mine.key().id(),
                "encrypted_access_token = '" + mine.refreshToken().text() + "'");
        assertThat(failure(mine)).isInstanceOf(CryptoException.Tampered.class);
    }

    // revoking needs no key
    @Test
    void revokesWhatCannotBeRead() {
        StoredCredential credential = connect("steady");
        StoredCredential other = connect("steady");
        database.set(
                credential.key().id(),
                "encrypted_refresh_token = '" + other.refreshToken().text() + "'");

        Revocation revocation = await(tokens.revokeCredential(credential.key(), "bob"));

        assertThat(revocation.credential().status()).isEqualTo(CredentialStatus.REVOKED);
        assertThat(revocation.provider()).isEqualTo(Revocation.AtProvider.PENDING);
        assertThat(provider.isDead(user(other))).isFalse();
    }

    @Test
    void grantIsStoredAndToldWhenItsCallerLeaves() {
        AccountKey account = account("steady", someone());

        tokens.storeCredential(account, grant("a", "r", HOUR), "tester", false)
                .subscribe()
                .with(saved -> {})
                .cancel();

        Awaitility.await().untilAsserted(() -> {
            StoredCredential stored = await(tokens.findCredential(account)).orElseThrow();
            assertThat(heard.of(stored.key().id())).containsExactly("credential_created");
        });
    }

    @Test
    void revocationGoesOnWhenItsCallerLeaves() {
        StoredCredential credential = connect("steady");

        tokens.revokeCredential(credential.key(), "bob")
                .subscribe()
                .with(revoked -> {})
                .cancel();

        Awaitility.await().untilAsserted(() -> {
            assertThat(row(credential).status()).isEqualTo(CredentialStatus.REVOKED);
            assertThat(provider.isDead(user(credential))).isTrue();
        });
    }

    private static ClientRegistration registration(String provider, String clientId) {
        return new ClientRegistration(
                provider, clientId, Secret.of(StrictProvider.SECRET), Scopes.NONE, null, Map.of());
    }

    private List<StoredCredential> list(TenantId tenant, CredentialFilter filter, int limit) {
        try {
            return VertxContextSupport.subscribeAndAwait(() -> tokens.listCredentials(tenant, filter, limit));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }
}
