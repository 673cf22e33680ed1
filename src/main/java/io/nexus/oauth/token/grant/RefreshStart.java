package io.nexus.oauth.token.grant;

/**
 * The beginning of one refresh attempt.
 *
 * @param trigger what asked for it
 * @param nanos {@link System#nanoTime()} from before the lease was requested: the local view of the lease's beginning
 */
public record RefreshStart(RefreshTrigger trigger, long nanos) {}
