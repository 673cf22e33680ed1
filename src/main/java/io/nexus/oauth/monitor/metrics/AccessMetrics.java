package io.nexus.oauth.monitor.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.nexus.oauth.access.ApiKeys;
import io.nexus.oauth.access.issuer.CallerTokens;
import io.nexus.oauth.access.issuer.SubjectTokens;
import io.nexus.oauth.access.issuer.TokenRefusal;
import io.nexus.oauth.access.policy.PolicyFile;
import io.nexus.oauth.access.policy.StoredPolicies;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;

/** Meters of refusals: callers' tokens, the policy file, and API keys and policies that were forged in the database. */
@Startup
@ApplicationScoped
class AccessMetrics {

    private static final String PREFIX = "nexus.oauth.";

    private final MeterRegistry registry;
    private final List<Meter> meters = new ArrayList<>();

    AccessMetrics(
            MeterRegistry registry,
            CallerTokens tokens,
            SubjectTokens subjects,
            PolicyFile file,
            ApiKeys keys,
            StoredPolicies policies) {
        this.registry = registry;
        for (TokenRefusal refusal : TokenRefusal.values()) {
            meters.add(FunctionCounter.builder(PREFIX + "caller.tokens.refused", tokens, all -> all.refused(refusal))
                    .tag("reason", refusal.label())
                    .register(registry));
            meters.add(FunctionCounter.builder(PREFIX + "subject.tokens.refused", subjects, all -> all.refused(refusal))
                    .tag("reason", refusal.label())
                    .register(registry));
        }
        meters.add(Gauge.builder(PREFIX + "policy.file.valid", () -> file.isRejected() ? 0 : 1)
                .register(registry));
        meters.add(FunctionCounter.builder(PREFIX + "api.keys.refused", keys, ApiKeys::refused)
                .register(registry));
        meters.add(Gauge.builder(PREFIX + "policies.refused", policies, StoredPolicies::refused)
                .register(registry));
    }

    /** After a live reload, a meter that stays registered would show this instance for ever. */
    @PreDestroy
    void unregister() {
        meters.forEach(registry::remove);
    }
}
