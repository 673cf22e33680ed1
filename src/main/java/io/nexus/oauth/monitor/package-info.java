/**
 * Health checks, traces, metrics and the checks that stop an unsafe start.
 */
@NullMarked
package io.nexus.oauth.monitor;

import org.jspecify.annotations.NullMarked;
