package io.nexus.oauth.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of a list.
 *
 * @param items the items of the page
 * @param next the {@code cursor} of the next page; null on the last page
 * @param <T> what is listed
 */
public record Page<T>(List<T> items, @Nullable String next) {}
