package io.nexus.oauth.provider;

import java.time.Duration;

/**
 * How long the steps of a refresh may take at one provider. What suits a provider that never rotates loses grants at one that
 * rotates without a grace, so the timers follow from the profile.
 *
 * @param httpTotal from the first byte to the last, the connect included
 * @param lease how long one attempt owns the credential
 * @param quarantine how long after a lease an attempt of unknown fate keeps others away
 * @param killsAccessToken whether a refresh ends the tokens already handed out
 */
public record RefreshTimers(Duration httpTotal, Duration lease, Duration quarantine, boolean killsAccessToken) {}
