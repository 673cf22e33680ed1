/**
 * Describes providers as data: the profiles, the reader of provider files, their rules, and the refresh timers that
 * follow from a profile. The JSON Schema is {@code src/main/resources/providers/provider.schema.json}.
 *
 * <p>The parts of an entry are in {@code provider.entry}, the requests by a profile in {@code provider}. Must not: send a request.
 */
@NullMarked
package io.nexus.oauth.provider.catalogue;

import org.jspecify.annotations.NullMarked;
