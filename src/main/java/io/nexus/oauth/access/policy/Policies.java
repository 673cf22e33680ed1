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
 * What callers may do that are no API keys: the operator's file and what was stored over REST. Who is in none may do nothing. A
 * stored change reaches the other replicas within ten seconds; while the database is away nobody's grants are guessed.
 */
@ApplicationScoped
public class Policies {

    private static final Logger LOG = Logger.getLogger(Policies.class);
    private static final String ALL = "all";

    private final PolicyFile file;
    private final PolicyStore store;
    private final StoredPolicies genuine;
    private final Clock clock;
    private final ShortLivedCache<String, Snapshot> recent = new ShortLivedCache<>(1);
    private volatile @Nullable Snapshot latest;
    private volatile Set<String> told = Set.of();

    public Policies(PolicyFile file, PolicyStore store, StoredPolicies genuine, Clock clock) {
        this.file = file;
        this.store = store;
        this.genuine = genuine;
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
     * Stores {@code policy}, which has no faults. Fails with {@link CredentialException.Conflict} when the file has one of that
     * name.
     */
    public Uni<Entry> save(Policy policy, Caller by) {
        String name = Objects.requireNonNull(policy.name());
        if (isIn(file.policies(), name)) {
            return Uni.createFrom()
                    .failure(new CredentialException.Conflict("the policy file has a policy of that name"));
        }
        Instant now = clock.instant();
        return store.save(new Change(genuine.stored(name, policy), by.name(), now), by.trail())
                .onTermination()
                .invoke(() -> recent.forget(ALL))
                .replaceWith(new Entry(policy, State.ACTIVE, by.name(), now));
    }

    /** Deletes a stored policy. False when there is none. */
    public Uni<Boolean> remove(String name, Caller by) {
        return store.remove(name, by.trail(), by.name()).onTermination().invoke(() -> recent.forget(ALL));
    }

    /** Everybody's grants, at most ten seconds old. The same object until something changes. */
    public Uni<Snapshot> current() {
        return recent.get(ALL)
                .filter(known -> known.isOf(file.policies()))
                .map(known -> Uni.createFrom().item(known))
                .orElseGet(() -> recent.read(ALL, () -> store.current().map(this::renewed)));
    }

    private Snapshot renewed(List<Stored> stored) {
        Snapshot known = latest;
        List<Policy> filed = file.policies();
        // what was refused may be under a master key that arrived since
        if (known != null && known.isOf(filed) && known.stored.equals(stored) && genuine.refused() == 0) {
            return known;
        }
        Map<Boolean, List<Policy>> shadowed = genuine.believed(stored).stream()
                .collect(Collectors.partitioningBy(policy -> isIn(filed, policy.name())));
        warn(shadowed.getOrDefault(true, List.of()));
        Snapshot renewed = new Snapshot(filed, stored, shadowed.getOrDefault(false, List.of()));
        latest = renewed;
        return renewed;
    }

    /** Told once: whoever takes the name from the file has to know what comes back with that. */
    private void warn(List<Policy> shadowed) {
        Set<String> names = shadowed.stream()
                .map(policy -> Objects.requireNonNull(policy.name()))
                .collect(Collectors.toCollection(TreeSet::new));
        if (!told.containsAll(names)) {
            LOG.warnf(
                    "stored policies have names of the policy file and would count without it: %s. Delete them, or call them otherwise",
                    names);
        }
        told = names;
    }

    private static boolean isIn(List<Policy> policies, @Nullable String name) {
        return policies.stream().anyMatch(policy -> Objects.equals(name, policy.name()));
    }

    /** Nothing but the name of one that is refused: the rest may be anybody's. */
    private Entry entry(List<Policy> filed, Change change) {
        String name = change.policy().name();
        State believed = isIn(filed, name) ? State.SHADOWED : State.ACTIVE;
        return genuine.believed(change.policy())
                .map(policy -> new Entry(policy, believed, change.updatedBy(), change.updatedAt()))
                .orElseGet(
                        () -> new Entry(Policy.unknown(name), State.REFUSED, change.updatedBy(), change.updatedAt()));
    }

    /** What becomes of a policy. */
    public enum State {
        /** It grants what it says. */
        ACTIVE,
        /** It is stored and grants nothing while the file has one of its name. */
        SHADOWED,
        /** It grants nothing: it is not what was stored here. */
        REFUSED
    }

    /**
     * A policy and where it comes from.
     *
     * @param updatedBy who stored it, or null when it is of the file
     * @param updatedAt when, or null
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

        private Snapshot(List<Policy> filed, List<Stored> stored, List<Policy> believed) {
            this.filed = filed;
            this.stored = stored;
            this.rules = Stream.concat(filed.stream(), believed.stream())
                    .map(Rule::of)
                    .toList();
        }

        /** The very list: it is another one as soon as the file changes. */
        @SuppressWarnings("ReferenceEquality")
        private boolean isOf(List<Policy> policies) {
            return filed == policies;
        }

        /** What the caller that {@code issuer} calls {@code subject} may do. */
        public List<RoleBinding> grants(String issuer, String subject) {
            return rules.stream()
                    .filter(rule ->
                            rule.issuer().equals(issuer) && rule.subjects().matches(subject))
                    .map(Rule::grant)
                    .toList();
        }
    }

    private record Rule(String issuer, SubjectPattern subjects, RoleBinding grant) {
        static Rule of(Policy policy) {
            return new Rule(Objects.requireNonNull(policy.issuer()), policy.subjects(), policy.grant());
        }
    }
}
