/**
 * The spill journal: token responses on the local disk between their arrival and the commit. One thread writes. An
 * entry is settled when the database holds its response or a newer one. A process takes over the files of a process
 * that ended.
 *
 * <p>Sealing of entries and their replay are in {@code token.grant}. Must not: read an entry's content, or block an
 * event loop.
 */
@NullMarked
package io.nexus.oauth.store.journal;

import org.jspecify.annotations.NullMarked;
