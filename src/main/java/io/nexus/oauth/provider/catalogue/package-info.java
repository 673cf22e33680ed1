/**
 * Describes providers as data: the profiles, the reader of catalogue files, their rules, and the refresh timers that follow from
 * a profile.
 */
@NullMarked
package io.nexus.oauth.provider.catalogue;

import org.jspecify.annotations.NullMarked;
