package io.nexus.oauth.access.policy;

import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.RoleBinding;
import io.nexus.oauth.access.caller.ShortLivedCache;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.store.access.PolicyStore;
import io.nexus.oauth.store.access.PolicyStore.Change;
import io.nexus.oauth.store.access.PolicyStore.Stored;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The policies for callers without an API key: those of the operator's file and those stored by the API. A caller
 * without a policy has no role. A stored change reaches the other replicas within ten seconds. While the database is
 * unavailable, methods fail with {@code StorageException}; no role is assumed. Non-blocking.
 */
@ApplicationScoped
public class Policies {

    private static final Logger LOG = Logger.getLogger(Policies.class);
    private static final String ALL = "all";

    private final PolicyFile file;
    private final PolicyStore store;
    private final StoredPolicies storedPolicies;
    private final Clock clock;
    private final ShortLivedCache<String, Snapshot> recent = new ShortLivedCache<>(1);
    private volatile @Nullable Snapshot latest;
    private volatile Set<String> warned = Set.of();

    public Policies(PolicyFile file, PolicyStore store, StoredPolicies storedPolicies, Clock clock) {
        this.file = file;
        this.store = store;
        this.storedPolicies = storedPolicies;
        this.clock = clock;
    }

    /** All policies, those of the file first. */
    public Uni<List<Entry>> all() {
        List<Policy> filed = file.policies();
        return store.all()
                .map(stored -> Stream.concat(
                                filed.stream().map(policy -> new Entry(policy, State.ACTIVE, null, null)),
                                stored.stream().map(each -> entry(filed, each)))
                        .toList());
    }

    /**
     * Stores {@code policy}, which has no faults. Fails with {@link CredentialException.Conflict} when the file has one
     * of that name.
     */
    public Uni<Entry> save(Policy policy, Caller by) {
        String name = Objects.requireNonNull(policy.name());
        if (isIn(file.policies(), name)) {
            return Uni.createFrom()
                    .failure(new CredentialException.Conflict("the policy file has a policy of that name"));
        }
        Instant now = clock.instant();
        return store.save(new Change(storedPolicies.stored(name, policy), by.name(), now), by.auditTenant())
                .onTermination()
                .invoke(() -> recent.invalidate(ALL))
                .replaceWith(new Entry(policy, State.ACTIVE, by.name(), now));
    }

    /** Deletes a stored policy. False when there is none. */
    public Uni<Boolean> remove(String name, Caller by) {
        return store.remove(name, by.auditTenant(), by.name()).onTermination().invoke(() -> recent.invalidate(ALL));
    }

    /** The policies in force, at most ten seconds old. The same object until something changes. */
    public Uni<Snapshot> current() {
        return recent.get(ALL)
                .filter(known -> known.isOf(file.policies()))
                .map(known -> Uni.createFrom().item(known))
                .orElseGet(() -> recent.read(ALL, () -> store.current().map(this::refreshed)));
    }

    private Snapshot refreshed(List<Stored> stored) {
        Snapshot known = latest;
        List<Policy> filed = file.policies();
        // a refused policy may be under a master key that was added since
        if (known != null && known.isOf(filed) && known.stored.equals(stored) && storedPolicies.refused() == 0) {
            return known;
        }
        Map<Boolean, List<Policy>> shadowed = storedPolicies.genuine(stored).stream()
                .collect(Collectors.partitioningBy(policy -> isIn(filed, policy.name())));
        warn(shadowed.getOrDefault(true, List.of()));
        Snapshot refreshed = new Snapshot(filed, stored, shadowed.getOrDefault(false, List.of()));
        latest = refreshed;
        return refreshed;
    }

    /** Logs shadowed policies once: they take effect as soon as the operator removes their names from the file. */
    private void warn(List<Policy> shadowed) {
        Set<String> names = shadowed.stream()
                .map(policy -> Objects.requireNonNull(policy.name()))
                .collect(Collectors.toCollection(TreeSet::new));
        if (!warned.containsAll(names)) {
            LOG.warnf(
                    "stored policies have the same names as policies of the policy file and take effect without it: %s."
                            + " Delete or rename the stored policies",
                    names);
        }
        warned = names;
    }

    private static boolean isIn(List<Policy> policies, @Nullable String name) {
        return policies.stream().anyMatch(policy -> Objects.equals(name, policy.name()));
    }

    /** Only the name of a refused policy: the rest may be forged. */
    private Entry entry(List<Policy> filed, Change change) {
        String name = change.policy().name();
        State state = isIn(filed, name) ? State.SHADOWED : State.ACTIVE;
        return storedPolicies
                .genuine(change.policy())
                .map(policy -> new Entry(policy, state, change.updatedBy(), change.updatedAt()))
                .orElseGet(
                        () -> new Entry(Policy.unknown(name), State.REFUSED, change.updatedBy(), change.updatedAt()));
    }

    /** The state of a policy. */
    public enum State {
        /** The policy is in force. */
        ACTIVE,
        /** The policy is stored, but not in force, because the file has a policy with the same name. */
        SHADOWED,
        /** The policy is not in force, because it was changed outside the service. */
        REFUSED
    }

    /**
     * A policy and its origin.
     *
     * @param updatedBy the caller who stored it, or null when it comes from the file
     * @param updatedAt when it was stored, or null
     */
    public record Entry(
            Policy policy,
            State state,
            @Nullable String updatedBy,
            @Nullable Instant updatedAt) {}

    /** The policies of one moment. */
    public static final class Snapshot {
        private final List<Policy> filed;
        private final List<Stored> stored;
        private final List<Rule> rules;

        private Snapshot(List<Policy> filed, List<Stored> stored, List<Policy> genuine) {
            this.filed = filed;
            this.stored = stored;
            this.rules = Stream.concat(filed.stream(), genuine.stream())
                    .map(Rule::of)
                    .toList();
        }

        /** Compares by identity: a change of the file creates a new list. */
        @SuppressWarnings("ReferenceEquality")
        private boolean isOf(List<Policy> policies) {
            return filed == policies;
        }

        /** The role bindings of the caller with {@code subject} at {@code issuer}. */
        public List<RoleBinding> bindings(String issuer, String subject) {
            return rules.stream()
                    .filter(rule ->
                            rule.issuer().equals(issuer) && rule.subjects().matches(subject))
                    .map(Rule::binding)
                    .toList();
        }
    }

    private record Rule(String issuer, SubjectPattern subjects, RoleBinding binding) {
        static Rule of(Policy policy) {
            return new Rule(Objects.requireNonNull(policy.issuer()), policy.subjects(), policy.binding());
        }
    }
}
