package io.nexus.oauth.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.ConnectSession;
import io.nexus.oauth.credential.GrantRequest;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.TestCatalogue;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.testing.TestFiles;
import io.nexus.oauth.token.UnstoredTokens;
import io.nexus.oauth.token.refresh.TokenFixture;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What becomes of traded tokens, and of their session, when the database stays away. */
@QuarkusTest
class NewGrantsTest extends TokenFixture {

    private static final Duration SOON = Duration.ofMillis(500);

    @Inject
    UnstoredTokens unstored;

    @Inject
    CancellationShield shield;

    @Inject
    ProviderCatalogue catalogue;

    @Inject
    ConnectFlow flow;

    @Inject
    ConnectSessionWaits waits;

    @Inject
    PurgeScheduler purge;

    @Inject
    Vertx vertx;

    @Test
    void tokensThatCannotBeStoredAreRevoked() throws IOException {
        database.breakWrites("oauth_credentials");

        StrictProvider.Tokens tokens = giveUp(endsOneToken());

        assertThat(provider.revocations())
                .singleElement()
                .satisfies(asked -> assertThat(asked).containsEntry("token", tokens.refresh()));
    }

    // the database goes away before the service knows whether the account may be stored
    @Test
    void tokensWhoseAccountCannotBeLookedUpAreRevoked() throws IOException {
        database.run("ALTER TABLE oauth_credentials RENAME TO oauth_credentials_away");
        try {
            StrictProvider.Tokens tokens = giveUp(endsOneToken());

            assertThat(provider.revocations())
                    .singleElement()
                    .satisfies(asked -> assertThat(asked).containsEntry("token", tokens.refresh()));
        } finally {
            database.run("ALTER TABLE oauth_credentials_away RENAME TO oauth_credentials");
        }
    }

    private OAuthProvider endsOneToken() throws IOException {
        Path file = TestFiles.path("new-grants", "catalogue.yaml");
        Files.createDirectories(file.getParent());
        Files.writeString(file, """
                providers:
                  single:
                    name: Ends one token
                    authorize: {url: "%1$s/single/authorize"}
                    token: {url: "%1$s/single/token", auth: post}
                    refresh: {rotation: never}
                    revoke: {style: rfc7009, url: "%1$s/single/revoke", auth: post}
                """.formatted(provider.url()));

        return TestCatalogue.of(file, vertx).get("single");
    }

    @Test
    void theAnswerAboutTheAccountGivesMetadata() throws IOException {
        Path file = TestFiles.path("new-grants", "telling.yaml");
        Files.createDirectories(file.getParent());
        Files.writeString(file, """
                providers:
                  telling:
                    vars: {number: {from: "identity:/sub", pattern: "[0-9]+"}}
                    authorize: {url: "%1$s/telling/authorize"}
                    token: {url: "%1$s/telling/token", auth: post}
                    identity: {url: "%1$s/telling/userinfo", id: /sub}
                """.formatted(provider.url()));
        AccountKey account = account("strict", someone());
        StrictProvider.Tokens granted = provider.grant(account.user());
        OAuthProvider telling = TestCatalogue.of(file, vertx).get("telling");

        await(new NewGrants(tokens, unstored, shield, SOON)
                .store(telling, client(telling), session(account), grant(granted.access(), granted.refresh(), HOUR)));

        assertThat(await(tokens.findCredential(account)))
                .hasValueSatisfying(stored -> assertThat(stored.metadata()).containsEntry("number", "1"));
    }

    // an earlier grant of the account may be stored
    @Test
    void tokensAreLeftWhereTheirRevocationWouldEndAnEarlierGrant() {
        database.breakWrites("oauth_credentials");

        giveUp(catalogue.get("strict"));

        assertThat(provider.revocations()).isEmpty();
    }

    private StrictProvider.Tokens giveUp(OAuthProvider at) {
        AccountKey account = account("strict", someone());
        StrictProvider.Tokens granted = provider.grant(account.user());
        OAuthCredential credential = grant(granted.access(), granted.refresh(), HOUR);
        NewGrants grants = new NewGrants(tokens, unstored, shield, SOON);

        assertThatThrownBy(() -> await(grants.store(at, client(at), session(account), credential)))
                .isInstanceOf(StorageException.class);

        return granted;
    }

    private static ClientRegistration client(OAuthProvider at) {
        return new ClientRegistration(
                at.id(), StrictProvider.CLIENT, Secret.of(StrictProvider.SECRET), Scopes.NONE, null, Map.of());
    }

    private static ConnectSession session(AccountKey account) {
        return new ConnectSession(
                UUID.randomUUID(),
                account,
                Scopes.NONE,
                null,
                null,
                false,
                null,
                GrantRequest.NONE,
                "tester",
                ConnectSession.Status.EXCHANGING,
                null,
                null,
                Instant.now(),
                Instant.now().plusSeconds(600));
    }

    @Test
    void interruptedSessionsEnd() {
        ConnectSession interrupted = exchanging("26 min");
        ConnectSession underWay = exchanging("20 min");
        ConnectSession unused = begun();
        database.run("UPDATE connect_sessions SET expires_at = now() - interval '26 min' WHERE session_id = '"
                + unused.id() + "'");

        await(purge.purge());

        assertThat(now(interrupted).status()).isEqualTo(ConnectSession.Status.FAILED);
        assertThat(now(interrupted).error()).isEqualTo("interrupted");
        assertThat(database.all("SELECT operation || ' ' || actor || ' ' || detail FROM audit_events WHERE subject = '"
                        + interrupted.id() + "' AND operation = 'connect_failed'"))
                .containsExactly("connect_failed system interrupted");
        assertThat(now(underWay).status()).isEqualTo(ConnectSession.Status.EXCHANGING);
        assertThat(now(unused).status()).isEqualTo(ConnectSession.Status.CREATED);
    }

    private ConnectSession exchanging(String expiredFor) {
        ConnectSession session = begun();
        database.run("UPDATE connect_sessions SET status = 'exchanging', expires_at = now() - interval '" + expiredFor
                + "' WHERE session_id = '" + session.id() + "'");
        return session;
    }

    private ConnectSession begun() {
        return await(shield.run(() -> flow.begin(new ConnectFlow.Request(
                        account("strict", someone()),
                        Scopes.NONE,
                        null,
                        null,
                        false,
                        null,
                        GrantRequest.NONE,
                        Optional.empty(),
                        "tester"))))
                .session();
    }

    private ConnectSession now(ConnectSession session) {
        return await(waits.await(session.account().tenant(), session.id(), Duration.ZERO))
                .orElseThrow();
    }
}
