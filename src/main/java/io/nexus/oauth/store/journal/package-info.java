/**
 * The spill journal: token responses on this machine's disk between their arrival and the commit. One thread writes; a replacement
 * process takes over the files of an ended one.
 */
@NullMarked
package io.nexus.oauth.store.journal;

import org.jspecify.annotations.NullMarked;
