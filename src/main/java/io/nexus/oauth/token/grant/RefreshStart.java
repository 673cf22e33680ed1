package io.nexus.oauth.token.grant;

/**
 * The start of one refresh attempt.
 *
 * @param trigger the reason for the refresh
 * @param nanos {@link System#nanoTime()} before the lease was requested: when the lease began at the earliest
 */
public record RefreshStart(RefreshTrigger trigger, long nanos) {}
