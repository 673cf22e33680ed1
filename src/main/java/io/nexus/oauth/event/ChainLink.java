package io.nexus.oauth.event;

import org.jspecify.annotations.Nullable;

/**
 * An entry of the chain with the event that it seals.
 *
 * @param entry the entry
 * @param event the event as it is stored now, or null when it is missing
 */
public record ChainLink(ChainEntry entry, @Nullable ChainedEvent event) {}
