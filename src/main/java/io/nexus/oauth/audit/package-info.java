/**
 * Who did what, when: the seed's audit line in the log and the trail's pages. The trail itself is written by {@code store}, in the
 * transaction of the change.
 */
@NullMarked
package io.nexus.oauth.audit;

import org.jspecify.annotations.NullMarked;
