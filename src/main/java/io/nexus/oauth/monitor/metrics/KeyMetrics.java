package io.nexus.oauth.monitor.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.nexus.oauth.crypto.LiveKeyring;
import io.nexus.oauth.event.Reading;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;

/** Gauges of the master keys: their roles and the rows that use them. The labels are key ids, so there are as many as keys. */
@Startup
@ApplicationScoped
class KeyMetrics {

    private static final String PREFIX = "nexus.oauth.";

    private final MultiGauge info;
    private final MultiGauge ciphertexts;
    private final MultiGauge problem;

    KeyMetrics(MeterRegistry registry, LiveKeyring keyring) {
        this.info = MultiGauge.builder(PREFIX + "key.info").register(registry);
        this.ciphertexts = MultiGauge.builder(PREFIX + "ciphertexts").register(registry);
        this.problem = MultiGauge.builder(PREFIX + "key.files.broken").register(registry);
        problem.register(
                List.of(MultiGauge.Row.of(Tags.empty(), () -> keyring.problem().isPresent() ? 1 : 0)));
    }

    /** After a live reload, a gauge that stays registered would show this instance for ever. */
    @PreDestroy
    void unregister() {
        List.of(info, ciphertexts, problem).forEach(gauge -> gauge.register(List.of(), true));
    }

    void show(@Observes Reading.Keys keys) {
        info.register(
                keys.keys().stream()
                        .<MultiGauge.Row<?>>map(
                                key -> MultiGauge.Row.of(Tags.of("key_id", key.id(), "role", key.role()), 1))
                        .toList(),
                true);
        ciphertexts.register(
                keys.keys().stream()
                        .flatMap(key -> key.rows().entrySet().stream()
                                .<MultiGauge.Row<?>>map(rows -> MultiGauge.Row.of(
                                        Tags.of("key_id", key.id(), "table", rows.getKey()), rows.getValue())))
                        .toList(),
                true);
    }
}
