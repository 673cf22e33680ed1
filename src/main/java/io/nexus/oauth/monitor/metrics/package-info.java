/**
 * Publishes events and readings as Micrometer meters. All labels come from closed sets.
 */
@NullMarked
package io.nexus.oauth.monitor.metrics;

import org.jspecify.annotations.NullMarked;
