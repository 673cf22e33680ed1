package io.nexus.oauth.event;

import java.time.Instant;

/**
 * An event of the audit trail in the form that is sealed.
 *
 * @param id the number of the event
 * @param at when it happened
 * @param text every column with its length in front, so that no two events have the same text
 */
public record ChainedEvent(long id, Instant at, String text) {}
