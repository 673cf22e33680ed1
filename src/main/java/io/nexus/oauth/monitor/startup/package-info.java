/**
 * Checks the configuration before the service accepts requests. A finding stops an unsafe production start.
 */
@NullMarked
package io.nexus.oauth.monitor.startup;

import org.jspecify.annotations.NullMarked;
