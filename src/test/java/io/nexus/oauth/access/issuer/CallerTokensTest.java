package io.nexus.oauth.access.issuer;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.access.caller.Identity;
import io.nexus.oauth.access.policy.Policies;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Future;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The verified tokens in memory. Each caller of a trusted issuer can get ever new tokens. */
@QuarkusTest
class CallerTokensTest {

    private static final int MAX = 10_000;

    @Inject
    Policies policies;

    @Test
    void aCallerWithVeryManyTokensIsVerifiedAgainAndAnotherOnceMoreAtMost() {
        AtomicInteger verified = new AtomicInteger();
        AtomicInteger verifiedOther = new AtomicInteger();
        CallerTokens tokens = new CallerTokens(null, policies, Clock.systemUTC()) {
            @Override
            Future<VerifiedToken> verify(String token) {
                (token.equals("other") ? verifiedOther : verified).incrementAndGet();
                Identity who = new Identity("https://issuer.example", token, token, token, List.of());
                return Future.succeededFuture(new VerifiedToken(who, Instant.MAX));
            }
        };
        for (int i = 0; i < 2 * MAX; i++) {
            authenticate(tokens, "hostile-" + i);
            if (i % 100 == 0) {
                authenticate(tokens, "other");
            }
        }
        assertThat(verified).hasValue(2 * MAX);

        for (int i = 0; i < 2 * MAX; i++) {
            authenticate(tokens, "hostile-" + i);
        }
        authenticate(tokens, "other");

        assertThat(verified.get()).as("a hit for each that is kept").isGreaterThan(3 * MAX - 100);
        assertThat(verifiedOther.get()).isBetween(1, 2);
    }

    private static void authenticate(CallerTokens tokens, String token) {
        assertThat(tokens.authenticate(token).await().atMost(Duration.ofSeconds(30)))
                .isPresent();
    }
}
