/**
 * Checks the configuration before the service accepts a request. Findings stop an unsafe production start.
 */
@NullMarked
package io.nexus.oauth.monitor.startup;

import org.jspecify.annotations.NullMarked;
