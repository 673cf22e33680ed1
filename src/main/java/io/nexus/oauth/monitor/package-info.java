/**
 * Health, metrics and the checks that refuse an unsafe start.
 */
@NullMarked
package io.nexus.oauth.monitor;

import org.jspecify.annotations.NullMarked;
