/**
 * The spill journal: token responses on the local disk between their arrival and the commit. One thread writes; another
 * process takes over the files of a process that ended.
 */
@NullMarked
package io.nexus.oauth.store.journal;

import org.jspecify.annotations.NullMarked;
