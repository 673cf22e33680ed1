/**
 * Publishes {@code event.Activity}, {@code event.Reading} and {@code event.AuditSignal} as Micrometer meters.
 *
 * <p>To add a metric: fire a case of {@code event.Activity} (a count or a duration) or {@code event.Reading} (a gauge)
 * where it happens, publish it here, describe it in {@code src/test/resources/io/nexus/oauth/docs/metrics.yaml}, and
 * write the reference anew with {@code ./mvnw test -Dtest='io.nexus.oauth.docs.*Test' -Dnexus.docs=write}.
 * {@code QueriesTest} compares both with the running service. Must not: use a label that is not from a closed set.
 */
@NullMarked
package io.nexus.oauth.monitor.metrics;

import org.jspecify.annotations.NullMarked;
