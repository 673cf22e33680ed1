package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.AccessToken.Freshness;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.event.Activity;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.testing.StrictProvider;
import io.nexus.oauth.token.TokenQuery;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A grant is dead after a second refusal some time after the first, but not while most grants are refused. */
@QuarkusTest
class InvalidGrantConfirmationTest extends TokenFixture {

    @Inject
    RejectionSurge surge;

    /** Forgets the successes of other tests with the same client. */
    @BeforeEach
    void startCalm() {
        surge.forget();
    }

    @Test
    void deadGrantCostsTwoRequestsAndThenNeedsTheUser() {
        StoredCredential credential = expired("strict");
        refuse(credential, 5);

        for (int i = 0; i < 3; i++) {
            assertThat(failure(credential)).isInstanceOfSatisfying(ProviderException.Unavailable.class, e -> {
                assertThat(e.code()).isEqualTo("invalid_grant");
                assertThat(e.retryAfter()).isBetween(Duration.ofSeconds(30), Duration.ofSeconds(60));
            });
        }
        assertThat(force(credential)).isInstanceOf(ProviderException.Unavailable.class);
        assertThat(provider.calls(user(credential))).hasSize(1);
        assertThat(row(credential).status()).isEqualTo(CredentialStatus.ACTIVE);
        assertThat(row(credential).refresh().suspectedAt()).isNotNull();

        passConfirmation(credential);
        for (int i = 0; i < 3; i++) {
            assertThat(failure(credential))
                    .isInstanceOfSatisfying(
                            CredentialException.ReauthorizationRequired.class,
                            ended -> assertThat(ended.error()).isEqualTo("invalid_grant"));
        }
        assertThat(force(credential)).isInstanceOf(CredentialException.ReauthorizationRequired.class);
        assertThat(provider.calls(user(credential))).hasSize(2);
        assertThat(row(credential).refreshToken()).as("kept for a manual retry").isNotNull();
        assertThat(database.audit(credential.key().id()))
                .containsExactly(
                        "credential_created",
                        "grant_suspected:invalid_grant",
                        "reauthorization_required:invalid_grant");
        assertThat(heard.of(credential.key().id()))
                .containsExactly("credential_created", "reauthorization_required:invalid_grant");
    }

    @Test
    void suspicionThatIsDisprovedLeavesNothingBehind() {
        StoredCredential credential = expired("strict");
        refuse(credential, 1);
        failure(credential);
        passConfirmation(credential);

        assertThat(get(credential).freshness()).isEqualTo(Freshness.REFRESHED);

        assertThat(row(credential).refresh().suspectedAt()).isNull();
        assertThat(row(credential).refresh().failures()).isZero();
        assertThat(get(credential).warning()).isNull();
    }

    @Test
    void workingTokenIsHandedOutUnderSuspicion() {
        StoredCredential credential = ending("strict", 40);
        refuse(credential, 1);

        AccessToken token = get(credential);

        assertThat(token.freshness()).isEqualTo(Freshness.DEGRADED);
        assertThat(token.warning()).isEqualTo("invalid_grant");
    }

    // the user has to act, and the provider says so: a second question would only cost time
    @ParameterizedTest
    @ValueSource(strings = {"interaction_required", "consent_required", "login_required"})
    void demandForTheUserIsBelievedAtOnce(String code) {
        StoredCredential credential = expired("strict");
        provider.next(user(credential), StrictProvider.error(400, code));

        assertThat(failure(credential))
                .isInstanceOfSatisfying(
                        CredentialException.ReauthorizationRequired.class,
                        ended -> assertThat(ended.error()).isEqualTo(code));

        assertThat(provider.calls(user(credential))).hasSize(1);
    }

    @Test
    void newGrantEndsTheSuspicionAgainstTheOldOne() {
        StoredCredential credential = expired("strict");
        refuse(credential, 1);
        failure(credential);

        store(credential.account(), grant("a2", "r2", HOUR));

        assertThat(row(credential).refresh().suspectedAt()).isNull();
        assertThat(get(credential).freshness()).isEqualTo(Freshness.FRESH);
    }

    // an access token from elsewhere says nothing about the refresh token
    @Test
    void accessTokenAloneKeepsTheSuspicion() {
        StoredCredential credential = expired("strict");
        refuse(credential, 1);
        failure(credential);

        store(credential.account(), grant("a2", null, HOUR));

        assertThat(row(credential).refresh().suspectedAt()).isNotNull();
    }

    @Test
    void verdictIsHeldWhileManyGrantsOfOneClientAreRefused() {
        List<StoredCredential> refused =
                Stream.generate(() -> expired("strict")).limit(11).toList();
        StoredCredential one = refused.getFirst();
        refused.forEach(each -> {
            refuse(each, 2);
            failure(each);
            passConfirmation(each);
        });

        assertThat(unavailable(one)).isEqualTo("invalid_grant");

        assertThat(provider.calls(user(one))).as("not asked").hasSize(1);
        assertThat(heard.activity())
                .filteredOn(Activity.Refresh.class::isInstance)
                .last()
                .isInstanceOfSatisfying(Activity.Refresh.class, refresh -> {
                    assertThat(refresh.outcome()).isEqualTo("held");
                    assertThat(refresh.reason()).isEqualTo("invalid_grant");
                });
        assertThat(row(one).status()).isEqualTo(CredentialStatus.ACTIVE);
        assertThat(row(one).refresh().leased()).isFalse();
        assertThat(row(one).refresh().unresolved()).isZero();
        assertThat(Duration.between(java.time.Instant.now(), row(one).refresh().nextAt()))
                .isBetween(Duration.ofMinutes(4), Duration.ofMinutes(5));

        // not for ever
        database.set(
                one.key().id(),
                "suspected_at = clock_timestamp() - interval '61 min', next_refresh_at = clock_timestamp()");
        assertThat(failure(one)).isInstanceOf(CredentialException.ReauthorizationRequired.class);
    }

    // users who revoke their grants are no incident while all others are served
    @Test
    void verdictIsNotHeldWhileMoreGrantsAreRenewed() {
        List<StoredCredential> refused =
                Stream.generate(() -> expired("strict")).limit(11).toList();
        refused.forEach(each -> {
            refuse(each, 2);
            failure(each);
            passConfirmation(each);
        });
        Stream.generate(() -> expired("strict")).limit(12).forEach(this::get);

        assertThat(failure(refused.getFirst())).isInstanceOf(CredentialException.ReauthorizationRequired.class);
    }

    // another client's users have nothing to do with it
    @Test
    void verdictIsNotHeldForAnotherProvidersTrouble() {
        Stream.generate(() -> expired("strict")).limit(11).forEach(each -> {
            refuse(each, 1);
            failure(each);
        });
        StoredCredential other = expired("killing");
        endGrant(other);

        assertThat(row(other).status()).isEqualTo(CredentialStatus.REAUTHORIZATION_REQUIRED);
    }

    private void refuse(StoredCredential credential, int times) {
        for (int i = 0; i < times; i++) {
            provider.next(user(credential), StrictProvider.error(400, "invalid_grant"));
        }
    }

    private Throwable force(StoredCredential credential) {
        return catchThrowable(() -> await(tokens.refreshCredential(credential.key(), TokenQuery.DEFAULT)));
    }
}
