package io.nexus.oauth.event;

import org.jspecify.annotations.Nullable;

/**
 * An entry of the chain beside the line that it seals.
 *
 * @param entry the entry
 * @param content the line as it is stored now, or null when it is not there
 */
public record ChainLink(ChainEntry entry, @Nullable AuditContent content) {}
