package io.nexus.oauth.access.policy;

import io.nexus.oauth.access.caller.RoleBindingDigests;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.store.access.PolicyStore;
import io.nexus.oauth.store.access.PolicyStore.Stored;
import io.nexus.oauth.store.execution.ScheduledRun;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jboss.logging.Logger;

/**
 * Tells policies that the service stored from what somebody wrote into the table: that grants nothing. Digests move to the present
 * master key in the background.
 */
@ApplicationScoped
public class StoredPolicies {

    private static final Logger LOG = Logger.getLogger(StoredPolicies.class);

    private final PolicyStore store;
    private final RoleBindingDigests digests;
    private volatile Set<String> refused = Set.of();

    StoredPolicies(PolicyStore store, RoleBindingDigests digests) {
        this.store = store;
        this.digests = digests;
    }

    /** How many policies were refused when they were last read. */
    public int refused() {
        return refused.size();
    }

    /** The policy as it is stored. */
    Stored stored(String name, Policy policy) {
        String document = PolicyText.line(policy);
        return new Stored(name, document, digests.ofPolicy(name, document));
    }

    /** Those of {@code all} that count; of a newly refused one a warning tells. */
    List<Policy> believed(List<Stored> all) {
        List<Policy> policies = new ArrayList<>();
        Set<String> strange = new TreeSet<>();
        for (Stored each : all) {
            believed(each).ifPresentOrElse(policies::add, () -> strange.add(each.name()));
        }
        if (!refused.containsAll(strange)) {
            LOG.warnf(
                    "%d stored policies grant nothing, as they are not what was stored over REST: find out who writes into the"
                            + " database, then store or delete those that GET /api/v1/policies calls refused",
                    strange.size());
        }
        refused = strange;
        return policies;
    }

    /** The policy, if the service stored it so and understands it: else nobody gets anything by it. */
    Optional<Policy> believed(Stored stored) {
        return isGenuine(stored)
                ? PolicyText.parseLine(stored.document())
                        .filter(policy -> stored.name().equals(policy.name()))
                : Optional.empty();
    }

    private boolean isGenuine(Stored stored) {
        try {
            return digests.isGenuine(stored);
        } catch (CryptoException e) {
            return false;
        }
    }

    @Scheduled(
            every = "10s",
            identity = "renew-policy-digests",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    public Uni<Void> renew() {
        return ScheduledRun.of(
                LOG,
                "digests of policies",
                ScheduledRun.USUAL,
                () -> store.notUnder(digests.keyId())
                        .onItem()
                        .transformToMulti(Multi.createFrom()::iterable)
                        .filter(each -> !digests.isPresent(each.digest()) && isGenuine(each))
                        .onItem()
                        .transformToUniAndConcatenate(
                                each -> store.renew(each, digests.ofPolicy(each.name(), each.document()))
                                        .replaceWith(true))
                        .collect()
                        .last());
    }
}
