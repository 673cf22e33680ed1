package io.nexus.oauth.credential;

import java.time.LocalDate;

/**
 * How often the service issued the token of one credential on one day.
 *
 * @param day in UTC
 * @param handouts the number of issued tokens, never 0
 */
public record DailyUsage(LocalDate day, long handouts) {}
