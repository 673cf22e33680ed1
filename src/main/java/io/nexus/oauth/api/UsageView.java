package io.nexus.oauth.api;

import java.time.LocalDate;

/**
 * The number of times that the token of a credential was issued on one day.
 *
 * @param day the day in UTC
 * @param handouts the number of times
 */
public record UsageView(LocalDate day, long handouts) {}
