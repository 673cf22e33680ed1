/**
 * Checks the configuration before the service accepts requests. A finding stops an unsafe production start. A new
 * check is a method of one of the {@code ...Checks}.
 *
 * <p>Health while the service runs is in {@code monitor}. Must not: repair a setting; the operator does.
 */
@NullMarked
package io.nexus.oauth.monitor.startup;

import org.jspecify.annotations.NullMarked;
