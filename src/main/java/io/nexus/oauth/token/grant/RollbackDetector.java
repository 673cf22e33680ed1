package io.nexus.oauth.token.grant;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.event.AuditEntry;
import io.nexus.oauth.event.AuditSignal;
import io.nexus.oauth.event.CredentialEvent;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.store.audit.AuditStore;
import io.nexus.oauth.store.execution.CancellationShield;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.time.Clock;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Detects that a credential's row is older than this replica knew, or is no longer revoked. Either someone restored an old
 * row, with its scopes or status, or the whole database is an older copy. Otherwise versions only rise, and only a new grant,
 * which is a new version, reactivates a revoked credential. Keeps the newest known version of a hundred thousand credentials.
 */
@ApplicationScoped
class RollbackDetector {

    private static final Logger LOG = Logger.getLogger(RollbackDetector.class);
    static final int MAX_CREDENTIALS = 100_000;

    private final RefreshStore rows;
    private final AuditStore trail;
    private final Event<AuditSignal> signals;
    private final Event<CredentialEvent> changes;
    private final CancellationShield shield;
    private final Clock clock;
    private final Cache<UUID, Known> newest =
            Caffeine.newBuilder().maximumSize(MAX_CREDENTIALS).build();

    RollbackDetector(
            RefreshStore rows,
            AuditStore trail,
            Event<AuditSignal> signals,
            Event<CredentialEvent> changes,
            CancellationShield shield,
            Clock clock) {
        this.rows = rows;
        this.trail = trail;
        this.signals = signals;
        this.changes = changes;
        this.shield = shield;
        this.clock = clock;
    }

    /** Checks a credential that was read or stored. Never fails; a report happens in the background. */
    void seen(StoredCredential credential) {
        UUID id = credential.key().id();
        Known now = Known.of(credential);
        Known known = Objects.requireNonNull(newest.asMap().merge(id, now, Known::later));
        if (known.isAfter(now)) {
            var unused = shield.start(() -> confirm(credential.key(), known)).exceptionally(failure -> {
                LOG.warnf("Credential %s may have been rolled back; the check failed: %s", id, failure.getMessage());
                return null;
            });
        }
    }

    /** The number of credentials whose version is known. */
    long size() {
        newest.cleanUp();
        return newest.estimatedSize();
    }

    /** Reads the row again: the first read may have started before the newer version was stored. */
    private Uni<Void> confirm(CredentialKey key, Known known) {
        return rows.findAll(List.of(key.id()))
                .chain(found -> found.stream()
                        .filter(now -> known.isAfter(Known.of(now)))
                        .findFirst()
                        .map(now -> report(now, known))
                        .orElseGet(() -> Uni.createFrom().voidItem()));
    }

    private Uni<Void> report(StoredCredential now, Known known) {
        UUID id = now.key().id();
        if (!newest.asMap().replace(id, known, Known.of(now))) {
            return Uni.createFrom().voidItem(); // another thread reports it
        }
        String detail = known.version() > now.version() ? "was version " + known.version() : "was revoked";
        LOG.errorf(
                "Credential %s was rolled back: its row has version %d but %s. The service did not do this",
                id, now.version(), detail);
        signals.fire(new AuditSignal.Alarm("credential_rolled_back"));
        CredentialEvent event =
                new CredentialEvent.RolledBack(now.key(), now.account(), CredentialEvent.SYSTEM, detail);
        return trail.add(List.of(new AuditEntry(
                        0,
                        clock.instant(),
                        now.key().tenant(),
                        event.operation(),
                        id,
                        now.account().provider(),
                        now.account().user(),
                        event.actor(),
                        detail,
                        null,
                        null,
                        now.version(),
                        1,
                        null)))
                .invoke(() -> changes.fire(event));
    }

    /**
     * The newest known state of a credential. A revocation is a version of its own, so it is the last state of that version.
     */
    private record Known(long version, boolean revoked) {

        static Known of(StoredCredential credential) {
            return new Known(credential.version(), credential.status() == CredentialStatus.REVOKED);
        }

        boolean isAfter(Known other) {
            return version == other.version ? revoked && !other.revoked : version > other.version;
        }

        static Known later(Known a, Known b) {
            return a.isAfter(b) ? a : b;
        }
    }
}
