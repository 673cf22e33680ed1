package io.nexus.oauth.token.grant;

import java.time.Instant;

/**
 * The start of one refresh attempt.
 *
 * @param trigger the reason for the refresh
 * @param nanos {@link System#nanoTime()} before the lease was requested: when the lease began at the earliest
 * @param at the same by the clock, which also counts while the machine is suspended
 */
public record RefreshStart(RefreshTrigger trigger, long nanos, Instant at) {}
