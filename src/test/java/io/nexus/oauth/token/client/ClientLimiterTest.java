package io.nexus.oauth.token.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.provider.reply.TokenResponse;
import io.nexus.oauth.token.client.ClientLimiter.Admission;
import io.nexus.oauth.token.client.ClientLimiter.Admitted;
import io.nexus.oauth.token.client.ClientLimiter.Permit;
import io.nexus.oauth.token.client.ClientLimiter.Refused;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The limiter with a clock of its own: every time is exact. */
class ClientLimiterTest {

    private static final Duration WAIT = Duration.ofSeconds(10);
    private static final TokenReply GRANTED = new TokenReply.Granted(
            new TokenResponse(Secret.of("a"), null, "Bearer", null, false, null, null, null, Map.of(), null));
    private static final TokenReply REJECTED = new TokenReply.Rejected("invalid_grant");
    private static final TokenReply UNREACHABLE =
            new TokenReply.Deferred("provider_unreachable", Optional.empty(), true);
    private static final TokenReply LOST = new TokenReply.Unknown("reply_lost");
    private static final TokenReply BROKEN = new TokenReply.Deferred("provider_error", Optional.empty(), false);
    private static final TokenReply WRONG_CLIENT = new TokenReply.Misconfigured("invalid_client", true);
    private static final TokenReply ODD = new TokenReply.Misconfigured("invalid_scope", false);
    private static final ClientRegistration CLIENT = registration("secret");

    private long now = 1_000_000_000L;
    private double dice = 1; // the outages last their full time
    private final AtomicInteger rooms = new AtomicInteger();
    private ClientLimiter limiter = gate(32);

    /** A limiter of a client that the provider has accepted before. */
    private ClientLimiter gate(int most) {
        ClientLimiter proven = new ClientLimiter(most, () -> now, () -> dice, rooms::incrementAndGet);
        end(((Admitted) proven.enter(0, Duration.ZERO).getNow(null)).permit(), GRANTED);
        rooms.set(0);
        return proven;
    }

    static Stream<TokenReply> troubles() {
        return Stream.of(UNREACHABLE, LOST, BROKEN);
    }

    @Test
    void startsSmallAndGrowsWithEachSuccessToItsMost() {
        assertThat(limiter.status().limit()).isEqualTo(ClientLimiter.FIRST_LIMIT);

        rounds(1);
        assertThat(limiter.status().limit()).isBetween(11, 16);
        rounds(5);

        assertThat(limiter.status().limit()).isEqualTo(32);
        assertThat(limiter.reserve(100)).hasSize(32);
        assertThat(limiter.status().inFlight()).isEqualTo(32);
    }

    @Test
    void neverHasMoreThanItsConfiguredMost() {
        limiter = gate(3);

        rounds(20);

        assertThat(limiter.status().limit()).isEqualTo(3);
        assertThat(limiter.reserve(100)).hasSize(3);
    }

    // an unused limit is not proven
    @Test
    void limitThatIsNotUsedDoesNotGrow() {
        for (int i = 0; i < 100; i++) {
            end(enter(), GRANTED);
        }

        assertThat(limiter.status().limit()).isEqualTo(ClientLimiter.FIRST_LIMIT);
    }

    @ParameterizedTest
    @MethodSource("troubles")
    void overloadHalvesOnceForAllThatMetIt(TokenReply trouble) {
        rounds(6);
        List<Permit> together = limiter.reserve(100);

        together.subList(0, 4).forEach(each -> end(each, trouble));

        assertThat(limiter.status().limit()).isEqualTo(16);
        // from here on a slot costs a whole round
        together.subList(4, 32).forEach(each -> end(each, GRANTED));
        assertThat(limiter.status().limit()).isBetween(17, 18);
    }

    @Test
    void neverFallsBelowOne() {
        for (int i = 0; i < 20; i++) {
            end(enter(), GRANTED); // or it would open
            end(enter(), LOST);
        }

        assertThat(limiter.status().limit()).isEqualTo(1);
        assertThat(limiter.reserve(100)).hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("troubles")
    void opensAfterFiveInARow(TokenReply trouble) {
        for (int i = 0; i < 4; i++) {
            end(enter(), trouble);
        }
        end(enter(), REJECTED); // a definite answer about one grant is a sign of life
        for (int i = 0; i < 4; i++) {
            end(enter(), trouble);
        }
        assertThat(limiter.status().circuit()).isEqualTo(CircuitBreaker.State.CLOSED);

        end(enter(), trouble);

        assertThat(limiter.status().circuit()).isEqualTo(CircuitBreaker.State.OPEN);
        assertThat(refused()).isEqualTo(new Refused(trouble.code(), Duration.ofSeconds(1), false));
        assertThat(limiter.reserve(100)).isEmpty();
    }

    @Test
    void probesOneAtATimeEverLessOften() {
        fail(5);
        long[] lengths = {1, 2, 4, 8, 16, 32, 60, 60};
        for (long length : lengths) {
            assertThat(refused().retryAfter()).isEqualTo(Duration.ofSeconds(length));
            pass(Duration.ofSeconds(length).minusNanos(1));
            assertThat(refused().retryAfter()).isEqualTo(Duration.ofNanos(1));
            pass(Duration.ofNanos(1));
            assertThat(limiter.status().circuit()).isEqualTo(CircuitBreaker.State.HALF_OPEN);
            Permit probe = enter();
            assertThat(limiter.reserve(100)).isEmpty();
            assertThat(ask(0, Duration.ZERO)).isEqualTo(new Refused("provider_busy", Duration.ofSeconds(1), false));
            end(probe, UNREACHABLE);
        }
    }

    // a herd that comes back together is the next outage
    @Test
    void recoveryStartsWithOneAndGrows() {
        rounds(6);
        List<Permit> herd = limiter.reserve(100);
        assertThat(herd).hasSize(32);
        herd.forEach(each -> end(each, UNREACHABLE));
        pass(Duration.ofSeconds(1));

        List<Permit> probe = limiter.reserve(100);
        assertThat(probe).hasSize(1);
        end(probe.getFirst(), GRANTED);

        assertThat(limiter.status().circuit()).isEqualTo(CircuitBreaker.State.CLOSED);
        assertThat(limiter.reserve(100)).hasSize(2).allSatisfy(each -> end(each, GRANTED));
        assertThat(limiter.reserve(100)).hasSizeBetween(3, 4).allSatisfy(each -> end(each, GRANTED));
        rounds(80);
        assertThat(limiter.status().limit()).isEqualTo(32);
    }

    // thirty requests that time out together are one outage
    @Test
    void whatWasSentBeforeTheOpeningChangesNothing() {
        rounds(6);
        List<Permit> old = limiter.reserve(100);
        old.subList(0, 5).forEach(each -> end(each, LOST));
        assertThat(refused().retryAfter()).isEqualTo(Duration.ofSeconds(1));

        old.subList(5, 20).forEach(each -> end(each, LOST));
        assertThat(refused().retryAfter()).isEqualTo(Duration.ofSeconds(1));
        old.subList(20, 25).forEach(each -> end(each, GRANTED));
        assertThat(limiter.status().circuit()).isEqualTo(CircuitBreaker.State.OPEN);
        pass(Duration.ofSeconds(1));
        old.subList(25, 31).forEach(each -> end(each, LOST));
        assertThat(limiter.status().circuit()).isEqualTo(CircuitBreaker.State.HALF_OPEN);
        end(old.get(31), GRANTED);
        assertThat(limiter.status().circuit()).isEqualTo(CircuitBreaker.State.HALF_OPEN);

        assertThat(limiter.reserve(100)).hasSize(1);
    }

    @Test
    void outagesAreSpread() {
        dice = 0;
        fail(5);

        assertThat(refused().retryAfter()).isEqualTo(Duration.ofMillis(750));
    }

    /** It does not show that the provider accepts the client again. */
    @ParameterizedTest
    @ValueSource(strings = {"public_client", "client_key_missing", "client_key_invalid", "bad_variable"})
    void probeThatWasNotSentClosesNothing(String code) {
        fail(5);
        pass(Duration.ofSeconds(1));
        end(enter(), new TokenReply.Misconfigured(code, false));

        assertThat(limiter.status().circuit()).isEqualTo(CircuitBreaker.State.HALF_OPEN);
        end(enter(), ODD);
        assertThat(limiter.status().circuit()).isEqualTo(CircuitBreaker.State.CLOSED);
    }

    @Test
    void probeThatComesToNothingLeavesRoomForTheNext() {
        fail(5);
        pass(Duration.ofSeconds(1));
        enter().close();

        assertThat(limiter.status().circuit()).isEqualTo(CircuitBreaker.State.HALF_OPEN);
        end(enter(), GRANTED);
        assertThat(limiter.status().circuit()).isEqualTo(CircuitBreaker.State.CLOSED);
    }

    @Test
    void wrongClientOpensAtOnceAndForMinutes() {
        end(enter(), WRONG_CLIENT);

        long[] minutes = {1, 2, 4, 8, 15, 15};
        for (long length : minutes) {
            assertThat(refused()).isEqualTo(new Refused("invalid_client", Duration.ofMinutes(length), true));
            pass(Duration.ofMinutes(length));
            end(enter(), WRONG_CLIENT);
        }
        pass(Duration.ofMinutes(15));
        end(enter(), GRANTED);
        end(enter(), WRONG_CLIENT);
        assertThat(refused().retryAfter()).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void clientThatWasSetRightIsTriedAtOnce() {
        end(enter(), WRONG_CLIENT);
        limiter.registered(registration("secret"));
        assertThat(limiter.status().circuit()).isEqualTo(CircuitBreaker.State.OPEN);

        limiter.registered(registration("another"));

        assertThat(limiter.status().circuit()).isEqualTo(CircuitBreaker.State.CLOSED);
        assertThat(limiter.reserve(100)).hasSize(1);
    }

    @Test
    void anotherRegistrationDoesNotEndAnOutage() {
        fail(5);

        limiter.registered(registration("another"));

        assertThat(limiter.status().circuit()).isEqualTo(CircuitBreaker.State.OPEN);
    }

    // one grant that the provider finds odd must not keep all the others from being refreshed
    @Test
    void oneOddGrantOpensNothing() {
        CredentialKey odd = key();
        for (int i = 0; i < 50; i++) {
            Permit permit = enter();
            permit.record(ODD, odd, true, CLIENT);
            permit.close();
        }
        assertThat(limiter.status().circuit()).isEqualTo(CircuitBreaker.State.CLOSED);

        for (int i = 0; i < 8; i++) {
            end(enter(), ODD);
        }
        assertThat(limiter.status().circuit()).isEqualTo(CircuitBreaker.State.CLOSED);
        end(enter(), ODD);

        assertThat(refused()).isEqualTo(new Refused("invalid_scope", Duration.ofMinutes(1), true));
    }

    @Test
    void oddGrantsOverALongTimeOpenNothing() {
        for (int i = 0; i < 50; i++) {
            end(enter(), ODD);
            pass(Duration.ofSeconds(7));
        }

        assertThat(limiter.status().circuit()).isEqualTo(CircuitBreaker.State.CLOSED);
    }

    // a grant that was refused before says nothing about the others
    @Test
    void grantsThatDidNotWorkBeforeOpenNothing() {
        for (int i = 0; i < 50; i++) {
            Permit permit = enter();
            permit.record(ODD, key(), false, CLIENT);
            permit.close();
        }

        assertThat(limiter.status().circuit()).isEqualTo(CircuitBreaker.State.CLOSED);
    }

    @Test
    void unexplainedRefusalsOpenNothing() {
        for (int i = 0; i < 50; i++) {
            end(enter(), new TokenReply.Refused("inactive_user"));
        }

        assertThat(limiter.status().circuit()).isEqualTo(CircuitBreaker.State.CLOSED);
    }

    @Test
    void allGrantsThatStillFailKeepItOpenAndAnyThatWorksClosesIt() {
        for (int i = 0; i < 10; i++) {
            end(enter(), ODD);
        }
        pass(Duration.ofMinutes(1));
        Permit probe = enter();
        probe.record(ODD, key(), false, CLIENT);
        probe.close();
        assertThat(refused()).isEqualTo(new Refused("invalid_scope", Duration.ofMinutes(2), true));

        pass(Duration.ofMinutes(2));
        end(enter(), GRANTED);

        assertThat(limiter.status().circuit()).isEqualTo(CircuitBreaker.State.CLOSED);
    }

    @Test
    void clientThatIsAcceptedAgainIsOpenToAllThoughOneGrantIsOdd() {
        end(enter(), WRONG_CLIENT);
        pass(Duration.ofMinutes(1));

        end(enter(), ODD);

        assertThat(limiter.status().circuit()).isEqualTo(CircuitBreaker.State.CLOSED);
    }

    // a caller that waits for the probe would hear "busy" when the provider is slow
    @Test
    void othersHearOfTheRefusalWhileOneProbes() {
        end(enter(), WRONG_CLIENT);
        pass(Duration.ofMinutes(1));
        Permit probe = enter();

        assertThat(refused()).isEqualTo(new Refused("invalid_client", Duration.ofSeconds(1), true));

        end(probe, GRANTED);
        assertThat(ask(0, WAIT)).isInstanceOf(Admitted.class);
    }

    @Test
    void clientThatWasNeverAcceptedCostsThreeRequests() {
        limiter = new ClientLimiter(32, () -> now, () -> dice, rooms::incrementAndGet);
        List<Permit> first = limiter.reserve(100);
        assertThat(first).hasSize(3);
        assertThat(limiter.reserve(100)).isEmpty();

        first.forEach(each -> end(each, GRANTED));

        assertThat(limiter.reserve(100)).hasSize(ClientLimiter.FIRST_LIMIT);
    }

    @Test
    void oddGrantsAmongGoodOnesOpenNothing() {
        for (int i = 0; i < 50; i++) {
            end(enter(), ODD);
            end(enter(), ODD);
            end(enter(), GRANTED);
        }

        assertThat(limiter.status().circuit()).isEqualTo(CircuitBreaker.State.CLOSED);
        assertThat(limiter.status().limit()).isEqualTo(ClientLimiter.FIRST_LIMIT);
    }

    @Test
    void retryAfterHoldsForEverybody() {
        Permit other = enter();
        end(enter(), limited(Duration.ofSeconds(30)));

        assertThat(refused()).isEqualTo(new Refused("rate_limited", Duration.ofSeconds(30), false));
        assertThat(limiter.reserve(100)).isEmpty();
        assertThat(limiter.status().limit()).isEqualTo(ClientLimiter.FIRST_LIMIT / 2);
        assertThat(limiter.status().circuit()).isEqualTo(CircuitBreaker.State.CLOSED);
        // neither another's success nor a shorter wish ends it
        end(other, GRANTED);
        pass(Duration.ofSeconds(10));
        assertThat(refused().retryAfter()).isEqualTo(Duration.ofSeconds(20));
        pass(Duration.ofSeconds(20));
        assertThat(limiter.reserve(100)).isNotEmpty();
    }

    @Test
    void shorterWishDoesNotShortenALongerOne() {
        List<Permit> two = limiter.reserve(100).subList(0, 2);
        end(two.get(0), limited(Duration.ofSeconds(30)));
        end(two.get(1), limited(Duration.ofSeconds(5)));

        assertThat(refused().retryAfter()).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void wishesAreBounded() {
        end(enter(), limited(Duration.ofDays(1)));
        assertThat(refused().retryAfter()).isEqualTo(Duration.ofMinutes(15));
        pass(Duration.ofMinutes(15));

        end(enter(), limited(Duration.ZERO));
        assertThat(refused().retryAfter()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void tokenThatEndsFirstGoesFirst() {
        List<Permit> busy = limiter.reserve(100);
        List<String> order = new ArrayList<>();
        limiter.enter(3000, WAIT).thenAccept(in -> order.add("in an hour"));
        limiter.enter(-5, WAIT).thenAccept(in -> order.add("expired"));
        limiter.enter(Long.MAX_VALUE, WAIT).thenAccept(in -> order.add("never"));
        limiter.enter(3000, WAIT).thenAccept(in -> order.add("in an hour too"));
        limiter.enter(10, WAIT).thenAccept(in -> order.add("soon"));

        busy.forEach(Permit::close);

        assertThat(order).containsExactly("expired", "soon", "in an hour", "in an hour too", "never");
    }

    @Test
    void nobodyOvertakesWhoWaits() {
        List<Permit> busy = limiter.reserve(100);
        CompletableFuture<Admission> waiting = limiter.enter(0, WAIT);

        assertThat(limiter.reserve(100)).isEmpty();
        busy.getFirst().close();

        assertThat(waiting).isCompletedWithValueMatching(Admitted.class::isInstance);
        assertThat(limiter.status().inFlight()).isEqualTo(ClientLimiter.FIRST_LIMIT);
    }

    @Test
    void waitsNoLongerThanItsPatience() {
        List<Permit> busy = limiter.reserve(100);
        CompletableFuture<Admission> waiting = limiter.enter(0, WAIT);
        pass(WAIT.minusNanos(1));
        limiter.sweep();
        assertThat(waiting).isNotDone();

        pass(Duration.ofNanos(1));
        limiter.sweep();

        assertThat(waiting).isCompletedWithValue(new Refused("provider_busy", Duration.ofSeconds(1), false));
        busy.forEach(Permit::close);
        assertThat(limiter.status().inFlight()).isZero();
    }

    @Test
    void whoWaitsHearsThatItIsShutAtOnce() {
        List<Permit> busy = limiter.reserve(100);
        CompletableFuture<Admission> waiting = limiter.enter(0, WAIT);

        busy.getFirst().record(WRONG_CLIENT, key(), true, CLIENT);

        assertThat(waiting).isCompletedWithValue(new Refused("invalid_client", Duration.ofMinutes(1), true));
    }

    @Test
    void queueIsBoundedAndKeepsTheMostUrgent() {
        List<Permit> busy = limiter.reserve(100);
        List<CompletableFuture<Admission>> waiting = IntStream.range(0, 1000)
                .mapToObj(i -> limiter.enter(100 + i, WAIT))
                .toList();

        CompletableFuture<Admission> late = limiter.enter(5000, WAIT);
        CompletableFuture<Admission> urgent = limiter.enter(1, WAIT);

        assertThat(late).isCompletedWithValueMatching(Refused.class::isInstance);
        assertThat(waiting.getLast()).isCompletedWithValueMatching(Refused.class::isInstance);
        assertThat(waiting.getFirst()).isNotDone();
        busy.getFirst().close();
        assertThat(urgent).isCompletedWithValueMatching(Admitted.class::isInstance);
    }

    @Test
    void whoLeftTakesNoSlot() {
        List<Permit> busy = limiter.reserve(100);
        CompletableFuture<Admission> leaving = limiter.enter(0, WAIT);
        CompletableFuture<Admission> staying = limiter.enter(1, WAIT);

        leaving.cancel(false);
        busy.forEach(Permit::close);

        assertThat(staying).isCompletedWithValueMatching(Admitted.class::isInstance);
        assertThat(limiter.status().inFlight()).isEqualTo(1);
    }

    @Test
    void slotIsGivenBackOnce() {
        List<Permit> permits = limiter.reserve(100);
        permits.getFirst().close();
        permits.getFirst().close();
        permits.getFirst().close();

        assertThat(limiter.status().inFlight()).isEqualTo(ClientLimiter.FIRST_LIMIT - 1);
    }

    @Test
    void tellsOfRoomWhenHalfIsFreeAndNobodyWaits() {
        List<Permit> permits = limiter.reserve(100);
        permits.subList(0, 3).forEach(Permit::close);
        assertThat(rooms).hasValue(0);

        permits.get(3).close();

        assertThat(rooms).hasValue(1);
    }

    /** Each admitted caller gives its slot back at once: admitting the next one inside of that would overflow the stack. */
    @Test
    void aThousandCallersThatLeaveAtOnceLeakNoSlot() throws InterruptedException {
        ClientLimiter narrow = new ClientLimiter(1, System::nanoTime, () -> 0, () -> {});
        Permit first = narrow.reserve(100).getFirst();
        AtomicInteger admitted = new AtomicInteger();
        for (int i = 0; i < 1000; i++) {
            var unused = narrow.enter(i, Duration.ofMinutes(1)).thenAccept(admission -> {
                admitted.incrementAndGet();
                ((Admitted) admission).permit().close();
            });
        }

        Thread small = new Thread(null, first::close, "small stack", 128 * 1024);
        small.start();
        small.join();

        assertThat(admitted).hasValue(1000);
        assertThat(narrow.status().inFlight()).isZero();
    }

    // callers that come, leave, fail and time out at the same time
    @ParameterizedTest
    @ValueSource(ints = {1, 8, 32})
    void neverLeaksASlotNorGivesOneTwice(int most) throws InterruptedException {
        ClientLimiter shared = new ClientLimiter(most, System::nanoTime, () -> 0, () -> {});
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger crowd = new AtomicInteger();
        AtomicInteger admitted = new AtomicInteger();
        List<CompletableFuture<Admission>> all = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch done = new CountDownLatch(8);
        for (int t = 0; t < 8; t++) {
            Thread.ofPlatform().start(() -> {
                ThreadLocalRandom random = ThreadLocalRandom.current();
                for (int i = 0; i < 5000; i++) {
                    CompletableFuture<Admission> asked =
                            shared.enter(random.nextInt(100), Duration.ofNanos(random.nextInt(2_000_000)));
                    asked.thenAccept(admission -> {
                        if (admission instanceof Admitted in) {
                            admitted.incrementAndGet();
                            crowd.accumulateAndGet(inside.incrementAndGet(), Math::max);
                            inside.decrementAndGet();
                            in.permit().close();
                        }
                    });
                    all.add(asked);
                    if (random.nextInt(4) == 0) {
                        asked.cancel(false);
                    }
                    if (random.nextInt(8) == 0) {
                        shared.sweep();
                    }
                }
                done.countDown();
            });
        }
        done.await();
        Thread.sleep(3); // every patience is over: the time is what is waited for
        shared.sweep();

        assertThat(all).allSatisfy(each -> assertThat(each).isDone());
        assertThat(shared.status().inFlight()).isZero();
        assertThat(crowd.get()).isBetween(1, Math.min(most, ClientLimiter.FIRST_LIMIT));
        assertThat(admitted.get()).isGreaterThan(1000);
    }

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            end(enter(), UNREACHABLE);
        }
    }

    private void rounds(int rounds) {
        for (int i = 0; i < rounds; i++) {
            limiter.reserve(100).forEach(each -> end(each, GRANTED));
        }
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    private Permit enter() {
        return ((Admitted) ask(0, Duration.ZERO)).permit();
    }

    private Refused refused() {
        return (Refused) ask(0, WAIT);
    }

    private Admission ask(long deadline, Duration patience) {
        return limiter.enter(deadline, patience).getNow(null);
    }

    private static void end(Permit permit, TokenReply reply) {
        permit.record(reply, key(), true, CLIENT);
        permit.close();
    }

    private static TokenReply limited(Duration wish) {
        return new TokenReply.Deferred("rate_limited", Optional.of(wish), true);
    }

    private static CredentialKey key() {
        return new CredentialKey(TenantId.DEFAULT, UUID.randomUUID());
    }

    private static ClientRegistration registration(String secret) {
        return new ClientRegistration("strict", "client", Secret.of(secret), Scopes.NONE, null, Map.of());
    }
}
