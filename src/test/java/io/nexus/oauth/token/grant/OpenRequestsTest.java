package io.nexus.oauth.token.grant;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class OpenRequestsTest {

    private static final Duration QUARANTINE = Duration.ofSeconds(120);

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1000); // nanoTime may overflow
    private final OpenRequests requests = new OpenRequests(nanos::get);
    private final UUID attempt = UUID.randomUUID();

    @Test
    void aRequestIsOpenUntilItsAttemptIsOver() {
        assertThat(requests.count()).isZero();

        requests.sent(attempt);
        nanos.addAndGet(QUARANTINE.toNanos());
        requests.ended(UUID.randomUUID());
        assertThat(requests.count()).isEqualTo(1);

        requests.ended(attempt);
        assertThat(requests.count()).isZero();
    }

    @Test
    void aRequestOfUnknownOutcomeIsOpenUntilItsQuarantineIsOver() {
        requests.sent(attempt);
        requests.unknown(attempt, QUARANTINE);
        requests.ended(attempt);

        nanos.addAndGet(QUARANTINE.toNanos() - 1);
        assertThat(requests.count()).isEqualTo(1);

        nanos.addAndGet(1);
        assertThat(requests.count()).isZero();
    }

    @Test
    void aRepetitionWithAnOutcomeClosesTheAttempt() {
        requests.sent(attempt);
        requests.unknown(attempt, QUARANTINE);
        requests.sent(attempt);
        requests.ended(attempt);

        assertThat(requests.count()).isZero();
    }
}
