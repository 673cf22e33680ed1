package io.nexus.oauth.access;

import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.PolicyStore;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What callers may do that are no API keys: the operator's file and what was stored over REST. Who is in none may do nothing. A
 * stored change reaches the other replicas within ten seconds; while the database is away nobody's grants are guessed.
 */
@ApplicationScoped
public class Policies {

    private static final long REMEMBERED = Duration.ofSeconds(10).toNanos();

    private final PolicyFile file;
    private final PolicyStore store;
    private final Clock clock;
    private volatile @Nullable Snapshot snapshot;

    Policies(PolicyFile file, PolicyStore store, Clock clock) {
        this.file = file;
        this.store = store;
        this.clock = clock;
    }

    /** All policies, those of the file first. */
    public Uni<List<Entry>> all() {
        List<Policy> filed = file.policies();
        return store.all()
                .map(stored -> Stream.concat(
                                filed.stream().map(policy -> new Entry(policy, null, null)),
                                stored.stream().flatMap(each -> entry(each).stream()))
                        .toList());
    }

    /**
     * Stores {@code policy}, which has no faults. Fails with {@link CredentialException.Conflict} when the file has one of that
     * name.
     */
    public Uni<Entry> save(Policy policy, Caller by) {
        String name = Objects.requireNonNull(policy.name());
        if (isFiled(name)) {
            return Uni.createFrom()
                    .failure(new CredentialException.Conflict("the policy file has a policy of that name"));
        }
        Instant now = clock.instant();
        return store.save(name, new PolicyStore.Stored(PolicyText.line(policy), by.name(), now), trail(by))
                .invoke(() -> snapshot = null)
                .replaceWith(new Entry(policy, by.name(), now));
    }

    /** Deletes a stored policy. False when there is none. */
    public Uni<Boolean> remove(String name, Caller by) {
        return store.remove(name, trail(by), by.name()).invoke(() -> snapshot = null);
    }

    /** Policies are nobody's in particular: whoever acts for no tenant leaves the line where those of the service itself are. */
    private static TenantId trail(Caller by) {
        return by.tenantIfClear().orElse(TenantId.DEFAULT);
    }

    /** Everybody's grants, at most ten seconds old. The same object until something changes. */
    Uni<Snapshot> current() {
        Snapshot known = snapshot;
        if (known != null && known.isOf(file.policies()) && System.nanoTime() - known.readAt < REMEMBERED) {
            return Uni.createFrom().item(known);
        }
        return store.documents().map(this::renewed);
    }

    private Snapshot renewed(String documents) {
        Snapshot known = snapshot;
        List<Policy> filed = file.policies();
        if (known != null && known.isOf(filed) && known.documents.equals(documents)) {
            known.readAt = System.nanoTime();
            return known;
        }
        Snapshot renewed = new Snapshot(filed, documents);
        snapshot = renewed;
        return renewed;
    }

    private boolean isFiled(String name) {
        return file.policies().stream().anyMatch(policy -> name.equals(policy.name()));
    }

    private Optional<Entry> entry(PolicyStore.Stored stored) {
        return PolicyText.parseLine(stored.document())
                .filter(policy -> !isFiled(Objects.requireNonNull(policy.name())))
                .map(policy -> new Entry(policy, stored.updatedBy(), stored.updatedAt()));
    }

    /**
     * A policy and where it comes from.
     *
     * @param updatedBy who stored it, or null when it is of the file
     * @param updatedAt when, or null
     */
    public record Entry(
            Policy policy,
            @Nullable String updatedBy,
            @Nullable Instant updatedAt) {}

    /** The policies of one moment. */
    static final class Snapshot {
        private final List<Policy> filed;
        private final String documents;
        private final List<Rule> rules;
        private volatile long readAt = System.nanoTime();

        private Snapshot(List<Policy> filed, String documents) {
            this.filed = filed;
            this.documents = documents;
            List<Policy> all = new ArrayList<>(filed);
            documents
                    .lines()
                    .flatMap(line -> PolicyText.parseLine(line).stream())
                    .filter(policy -> filed.stream().noneMatch(each -> Objects.equals(each.name(), policy.name())))
                    .forEach(all::add);
            this.rules = all.stream().map(Rule::of).collect(Collectors.toUnmodifiableList());
        }

        /** The very list: it is another one as soon as the file changes. */
        @SuppressWarnings("ReferenceEquality")
        private boolean isOf(List<Policy> policies) {
            return filed == policies;
        }

        /** What the caller that {@code issuer} calls {@code subject} may do. */
        List<Grant> grants(String issuer, String subject) {
            return rules.stream()
                    .filter(rule -> rule.issuer().equals(issuer)
                            && rule.subjects().matcher(subject).matches())
                    .map(Rule::grant)
                    .toList();
        }
    }

    private record Rule(String issuer, Pattern subjects, Grant grant) {
        static Rule of(Policy policy) {
            return new Rule(Objects.requireNonNull(policy.issuer()), policy.subjects(), policy.grant());
        }
    }
}
