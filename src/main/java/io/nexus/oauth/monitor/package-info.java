/**
 * Health checks and traces. {@code ProviderChecks} reports one check for each provider, outside of readiness.
 *
 * <p>Meters are in {@code monitor.metrics}, the checks that stop an unsafe start in {@code monitor.startup}. Must not:
 * change anything, or put a tenant, user or secret into a check or a span.
 */
@NullMarked
package io.nexus.oauth.monitor;

import org.jspecify.annotations.NullMarked;
