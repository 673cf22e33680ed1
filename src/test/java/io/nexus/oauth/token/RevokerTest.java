package io.nexus.oauth.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.testing.StrictProviderResource;
import io.nexus.oauth.token.refresh.TokenFixture;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Revocation at the provider, retried until the answer is definite. */
@QuarkusTest
class RevokerTest extends TokenFixture {

    @Inject
    Revoker revoker;

    @Inject
    HousekeepingScheduler housekeeping;

    static Stream<Arguments> definite() {
        return Stream.of(
                Arguments.of(StrictProvider.status(200, "", ""), Revocation.AtProvider.REVOKED),
                Arguments.of(StrictProvider.error(400, "invalid_token"), Revocation.AtProvider.REVOKED),
                Arguments.of(StrictProvider.error(400, "unsupported_token_type"), Revocation.AtProvider.REFUSED));
    }

    @ParameterizedTest
    @MethodSource("definite")
    void definiteAnswerEndsIt(StrictProvider.Reply reply, Revocation.AtProvider expected) {
        StoredCredential credential = connect("strict");
        provider.nextRevocation(user(credential), reply);

        Revocation revocation = await(tokens.revokeCredential(credential.key(), "bob"));

        assertThat(revocation.provider()).isEqualTo(expected);
        assertThat(waiting()).isZero();
        assertThat(database.audit(credential.key().id()))
                .contains("provider_revocation:" + expected.name().toLowerCase(java.util.Locale.ROOT));
    }

    @Test
    void providerWithoutRevocationIsToldApart() {
        StoredCredential credential = connect("silent");

        assertThat(await(tokens.revokeCredential(credential.key(), "bob")).provider())
                .isEqualTo(Revocation.AtProvider.UNSUPPORTED);
        assertThat(waiting()).isZero();
        assertThat(provider.revocations()).isEmpty();
    }

    @Test
    void isRepeatedUntilTheAnswerIsDefinite() {
        StoredCredential credential = connect("strict");
        provider.nextRevocation(user(credential), StrictProvider.status(503, "", ""));
        provider.nextRevocation(user(credential), StrictProvider.cut());

        assertThat(await(tokens.revokeCredential(credential.key(), "bob")).provider())
                .isEqualTo(Revocation.AtProvider.PENDING);
        assertThat(waiting()).isEqualTo(1);
        assertThat(secondsToNextTry()).isCloseTo(30, within(10L));
        assertThat(await(revoker.retryDue(10))).isZero();

        assertThat(await(retryNow())).isEqualTo(1);
        assertThat(secondsToNextTry()).isCloseTo(60, within(10L));
        assertThat(provider.isDead(user(credential))).isFalse();

        assertThat(await(retryNow())).isEqualTo(1);
        assertThat(provider.isDead(user(credential))).isTrue();
        assertThat(waiting()).isZero();
        assertThat(provider.revocations()).hasSize(3);
        assertThat(database.audit(credential.key().id()))
                .containsExactly("credential_created", "credential_revoked", "provider_revocation:revoked");
    }

    @Test
    void ourOwnWrongSecretIsNoAnswerForTheGrant() {
        StoredCredential credential = connect("strict");
        provider.nextRevocation(user(credential), StrictProvider.error(401, "invalid_client"));
        provider.nextRevocation(user(credential), StrictProvider.status(401, "", ""));

        assertThat(await(tokens.revokeCredential(credential.key(), "bob")).provider())
                .isEqualTo(Revocation.AtProvider.PENDING);
        assertThat(await(retryNow())).isEqualTo(1);
        assertThat(provider.isDead(user(credential))).isFalse();

        assertThat(await(retryNow())).isEqualTo(1);
        assertThat(provider.isDead(user(credential))).isTrue();
        assertThat(waiting()).isZero();
    }

    @Test
    void housekeepingRetries() {
        StoredCredential credential = connect("strict");
        provider.nextRevocation(user(credential), StrictProvider.status(500, "", ""));
        await(tokens.revokeCredential(credential.key(), "bob"));
        database.run("UPDATE revocation_outbox SET next_attempt_at = clock_timestamp()");

        await(housekeeping.revocations());

        assertThat(provider.isDead(user(credential))).isTrue();
        assertThat(waiting()).isZero();
    }

    @Test
    void housekeepingSurvivesABrokenDatabase() {
        StoredCredential credential = connect("strict");
        provider.nextRevocation(user(credential), StrictProvider.status(500, "", ""));
        await(tokens.revokeCredential(credential.key(), "bob"));
        database.run("UPDATE revocation_outbox SET next_attempt_at = clock_timestamp()");
        database.breakWrites("revocation_outbox");
        try {
            await(housekeeping.revocations());
        } finally {
            database.heal("revocation_outbox");
        }

        assertThat(waiting()).isEqualTo(1);
        assertThat(provider.isDead(user(credential))).isFalse();
    }

    // the local revocation stands, whatever fails after it
    @Test
    void providersTokensCannotBeReadNow() {
        StoredCredential credential = connect("strict");
        StoredCredential other = connect("strict");
        database.set(
                credential.key().id(),
                "encrypted_access_token = '" + other.accessToken().text() + "'");

        assertThat(await(tokens.revokeCredential(credential.key(), "bob")).provider())
                .isEqualTo(Revocation.AtProvider.PENDING);
        assertThat(waiting()).isEqualTo(1);
        assertThat(provider.revocations()).isEmpty();
    }

    @Test
    void waitsForTheClientOfTheGrant() {
        StoredCredential changed = connect("strict");
        database.set(changed.key().id(), "client_id = 'the one before'");
        StoredCredential unregistered = connect("orphan");
        StoredCredential dropped = connect("strict");
        database.set(dropped.key().id(), "provider = 'dropped'");

        for (StoredCredential each : java.util.List.of(changed, unregistered, dropped)) {
            assertThat(await(tokens.revokeCredential(each.key(), "bob")).provider())
                    .isEqualTo(Revocation.AtProvider.PENDING);
        }

        assertThat(waiting()).isEqualTo(3);
        assertThat(provider.revocations()).isEmpty();
    }

    @Test
    void waitsForTheClientSecret() throws IOException {
        StoredCredential credential = connect("steady");
        Files.delete(StrictProviderResource.secretFile());

        assertThat(await(tokens.revokeCredential(credential.key(), "bob")).provider())
                .isEqualTo(Revocation.AtProvider.PENDING);

        StrictProviderResource.writeSecret();
        await(retryNow());
        assertThat(provider.isDead(user(credential))).isTrue();
    }

    @Test
    void unknownClientOfTheGrantIsNoObstacle() {
        StoredCredential credential = connect("strict");
        database.set(credential.key().id(), "client_id = NULL, encrypted_refresh_token = NULL");

        assertThat(await(tokens.revokeCredential(credential.key(), "bob")).provider())
                .isEqualTo(Revocation.AtProvider.REVOKED);
        assertThat(provider.revocations())
                .singleElement()
                .satisfies(asked -> assertThat(asked).containsEntry("token_type_hint", "access_token"));
    }

    @Test
    void outboxTakesWhatDiesWithItsReplica() {
        StoredCredential credential = connect("strict");
        database.run("INSERT INTO revocation_outbox (credential_id, tenant_id, provider, user_email, client_id,"
                + " encrypted_access_token, token_type, attempts, next_attempt_at) SELECT credential_id, tenant_id, provider,"
                + " user_email, client_id, encrypted_access_token, token_type, 1, clock_timestamp() - interval '1 s'"
                + " FROM oauth_credentials");

        assertThat(await(revoker.retryDue(10))).isEqualTo(1);

        assertThat(provider.isDead(user(credential))).isTrue();
    }

    private io.smallrye.mutiny.Uni<Integer> retryNow() {
        database.run("UPDATE revocation_outbox SET next_attempt_at = clock_timestamp()");
        return revoker.retryDue(10);
    }

    private long waiting() {
        return database.count("SELECT count(*) FROM revocation_outbox");
    }

    private long secondsToNextTry() {
        return database.count(
                "SELECT extract(epoch FROM next_attempt_at - clock_timestamp())::bigint FROM revocation_outbox");
    }
}
