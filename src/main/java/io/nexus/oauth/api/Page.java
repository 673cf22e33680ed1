package io.nexus.oauth.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of a list.
 *
 * @param items what is on it
 * @param next the {@code cursor} of the next page, or null on the last
 * @param <T> what is listed
 */
public record Page<T>(List<T> items, @Nullable String next) {}
