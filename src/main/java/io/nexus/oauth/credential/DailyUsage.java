package io.nexus.oauth.credential;

import java.time.LocalDate;

/**
 * Hand-outs of one credential on one day.
 *
 * @param day in UTC
 * @param handouts how many, never 0
 */
public record DailyUsage(LocalDate day, long handouts) {}
