/**
 * Publishes events and readings as Micrometer meters. All labels come from closed sets.
 *
 * <p>To add a metric: fire a case of {@code event.Activity} (a count or a duration) or {@code event.Reading} (a gauge) where it happens,
 * publish it here, describe it in {@code src/test/resources/io/nexus/oauth/docs/metrics.yaml}, and write the reference anew with {@code
 * ./mvnw test -Dtest='io.nexus.oauth.docs.*Test' -Dnexus.docs=write}. {@code QueriesTest} compares both with the running service.
 */
@NullMarked
package io.nexus.oauth.monitor.metrics;

import org.jspecify.annotations.NullMarked;
