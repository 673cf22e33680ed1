package io.nexus.oauth.store;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.RefreshFence;
import io.nexus.oauth.credential.SealedGrant;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.testing.SampleCredential;
import io.smallrye.mutiny.Uni;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One row and the statements that store a response in it, for scenarios of {@link io.nexus.oauth.testing.Interleavings}. The statements
 * are those of {@link RefreshModelTest}, which tries them with PostgreSQL; here a step of a thread is one statement.
 */
@SuppressWarnings("NullAway") // its stores have no database
public final class RowInMemory {

    private final StoredCredential leased;
    private final AtomicReference<StoredCredential> row;
    private final AtomicInteger failures;
    private final AtomicInteger stored = new AtomicInteger();
    private final AtomicInteger queued = new AtomicInteger();

    /** The row of {@code leased}; the first {@code failures} of its stores fail. */
    public RowInMemory(StoredCredential leased, int failures) {
        this.leased = leased;
        this.row = new AtomicReference<>(leased);
        this.failures = new AtomicInteger(failures);
    }

    /** The responses stored so far. */
    public int stored() {
        return stored.get();
    }

    /** Whether the next store fails. */
    public boolean fails() {
        return failures.get() > 0;
    }

    /** The responses whose tokens wait for their revocation at the provider. */
    public int queued() {
        return queued.get();
    }

    /** Another replica revokes the grant. */
    public void revoke() {
        row.updateAndGet(SampleCredential::revoked);
    }

    /** The statements of a refresh. */
    public RefreshStore refreshes() {
        return new RefreshStore(null) {
            @Override
            public Uni<Optional<StoredCredential>> complete(RefreshFence fence, SealedGrant grant, String trigger) {
                return Uni.createFrom()
                        .deferred(() -> failures.getAndDecrement() > 0
                                ? Uni.createFrom().failure(StorageException.of(new TimeoutException("no answer")))
                                : Uni.createFrom().item(store(grant)));
            }

            @Override
            public Uni<Optional<StoredCredential>> committed(RefreshFence fence) {
                return Uni.createFrom()
                        .item(() -> Optional.of(row.get())
                                .filter(now ->
                                        now.status() == CredentialStatus.ACTIVE && now.version() > leased.version()));
            }
        };
    }

    private Optional<StoredCredential> store(SealedGrant grant) {
        StoredCredential renewed = leased.with(grant);
        if (!row.compareAndSet(leased, renewed)) {
            return Optional.empty();
        }
        stored.incrementAndGet();
        return Optional.of(renewed);
    }

    /** Reads the row. */
    public CredentialStore credentials() {
        return new CredentialStore(null, null) {
            @Override
            public Uni<Optional<StoredCredential>> find(CredentialKey key) {
                return Uni.createFrom().item(() -> Optional.of(row.get()));
            }
        };
    }

    /** Queues the tokens of a revoked grant. */
    public RevocationOutbox outbox() {
        return new RevocationOutbox(null) {
            @Override
            public Uni<Optional<UUID>> addIfRevoked(
                    StoredCredential credential, @Nullable String clientId, SealedGrant born, long epoch) {
                return Uni.createFrom().item(() -> {
                    if (row.get().status() != CredentialStatus.REVOKED) {
                        return Optional.empty();
                    }
                    queued.incrementAndGet();
                    return Optional.of(new UUID(0, epoch));
                });
            }
        };
    }
}
