/**
 * The parts of an entry of a provider file: its maps, templates, variables and terms, and the requests that it describes. Each part reads
 * itself from a {@code CatalogueSection}.
 *
 * <p>A whole entry is in {@code provider.catalogue}. Must not: know another entry, or send a request.
 */
@NullMarked
package io.nexus.oauth.provider.entry;

import org.jspecify.annotations.NullMarked;
