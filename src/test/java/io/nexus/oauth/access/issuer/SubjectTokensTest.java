package io.nexus.oauth.access.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.access.caller.Identity;
import io.nexus.oauth.access.policy.Policies;
import io.nexus.oauth.testing.MutableClock;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Future;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The verified tokens of users in memory. */
@QuarkusTest
class SubjectTokensTest {

    @Inject
    Policies policies;

    private final MutableClock clock = new MutableClock();
    private final AtomicInteger verified = new AtomicInteger();

    @Test
    void aTokenIsVerifiedOnceUntilItExpiresAndAsEachOfItsTypes() {
        SubjectTokens tokens = tokens();
        verify(tokens, "eyJ.one.sig", false);
        verify(tokens, "eyJ.one.sig", false);
        assertThat(verified).hasValue(1);

        verify(tokens, "eyJ.one.sig", true);
        assertThat(verified).as("an ID token is another thing").hasValue(2);
        verify(tokens, "eyJ.two.sig", false);
        assertThat(verified).hasValue(3);

        clock.advance(Duration.ofSeconds(30));
        verify(tokens, "eyJ.one.sig", false);
        assertThat(verified).as("expired, so it is judged anew").hasValue(4);
    }

    /** A caller chooses the tokens, and each may have 16 KB. */
    @Test
    void ofManyLongTokensOnlySomeAreKept() {
        SubjectTokens tokens = tokens();
        String padding = "x".repeat(15_000);
        for (int i = 0; i < 3_000; i++) {
            verify(tokens, "eyJ." + padding + "." + i, false);
        }

        assertThat(tokens.weight()).isBetween(SubjectTokens.MAX_WEIGHT / 2, SubjectTokens.MAX_WEIGHT);
    }

    private SubjectTokens tokens() {
        Instant end = clock.instant().plusSeconds(30);
        return new SubjectTokens(null, policies, clock) {
            @Override
            Future<VerifiedSubject> verifyNew(String token, boolean isIdToken) {
                verified.incrementAndGet();
                Identity who = new Identity("https://issuer.example", "alice", "alice", "alice", List.of());
                return Future.succeededFuture(
                        new VerifiedSubject(new VerifiedToken(who, end), "alice", Optional.empty(), null, null, end));
            }
        };
    }

    private static void verify(SubjectTokens tokens, String token, boolean isIdToken) {
        assertThat(tokens.verify(token, isIdToken).await().atMost(Duration.ofSeconds(30)))
                .isPresent();
    }
}
