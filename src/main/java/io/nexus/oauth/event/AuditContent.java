package io.nexus.oauth.event;

import java.time.Instant;

/**
 * A line of the audit trail in the form that is sealed.
 *
 * @param id its number
 * @param at when it happened
 * @param text every column with its length before it, so that no two lines have the same
 */
public record AuditContent(long id, Instant at, String text) {}
