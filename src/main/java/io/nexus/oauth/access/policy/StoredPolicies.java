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
 * Distinguishes policies that the service stored from rows that were written or changed by others; those are refused.
 * Digests are renewed under the current master key in the background.
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

    /** The number of policies that were refused at the last read. */
    public int refused() {
        return refused.size();
    }

    /** The row for {@code policy}, with its digest. */
    Stored stored(String name, Policy policy) {
        String document = PolicyText.line(policy);
        return new Stored(name, document, digests.ofPolicy(name, document));
    }

    /** The genuine policies of {@code all}. Logs a warning when another one is refused. */
    List<Policy> genuine(List<Stored> all) {
        List<Policy> policies = new ArrayList<>();
        Set<String> forged = new TreeSet<>();
        for (Stored each : all) {
            genuine(each).ifPresentOrElse(policies::add, () -> forged.add(each.name()));
        }
        if (!refused.containsAll(forged)) {
            LOG.warnf(
                    "%d stored policies are refused, because they were changed outside the service. Find out who writes into"
                            + " the database; then store again or delete the policies in state refused (GET /api/v1/policies)",
                    forged.size());
        }
        refused = forged;
        return policies;
    }

    /**
     * The policy, if the service stored it in this form and understands it; otherwise empty, so that it gives no role.
     */
    Optional<Policy> genuine(Stored stored) {
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
                ScheduledRun.DEFAULT_LIMIT,
                () -> store.notUnder(digests.keyId())
                        .onItem()
                        .transformToMulti(Multi.createFrom()::iterable)
                        .filter(each -> !digests.isCurrent(each.digest()) && isGenuine(each))
                        .onItem()
                        .transformToUniAndConcatenate(
                                each -> store.renew(each, digests.ofPolicy(each.name(), each.document()))
                                        .replaceWith(true))
                        .collect()
                        .last());
    }
}
