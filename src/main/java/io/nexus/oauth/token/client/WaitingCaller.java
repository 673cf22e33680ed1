package io.nexus.oauth.token.client;

import java.util.Comparator;
import java.util.concurrent.CompletableFuture;

/**
 * A caller in the queue of a {@link ClientLimiter}.
 *
 * @param deadline when its token expires, in milliseconds of the epoch
 * @param number its place among callers with the same deadline
 * @param until the end of its wait, as {@link System#nanoTime()}
 * @param result completes when the caller is admitted or refused
 */
record WaitingCaller(long deadline, long number, long until, CompletableFuture<ClientLimiter.Admission> result) {

    static final Comparator<WaitingCaller> BY_DEADLINE =
            Comparator.comparingLong(WaitingCaller::deadline).thenComparingLong(WaitingCaller::number);

    WaitingCaller(long deadline, long number, long until) {
        this(deadline, number, until, new CompletableFuture<>());
    }
}
