package io.nexus.oauth.api;

import java.time.LocalDate;

/**
 * How often a credential's token was handed out on one day.
 *
 * @param day the day in UTC
 * @param handouts how often
 */
public record UsageView(LocalDate day, long handouts) {}
