package io.nexus.oauth.token;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.nexus.oauth.credential.AuditEntry;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.event.AuditSignal;
import io.nexus.oauth.event.CredentialEvent;
import io.nexus.oauth.store.AuditTrail;
import io.nexus.oauth.store.RefreshStore;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Event;
import java.time.Clock;
import java.util.List;
import java.util.UUID;
import org.jboss.logging.Logger;

/**
 * Notices that a credential's row holds an older token than this replica knew: somebody put an old row back, with its scopes or its
 * status, or the whole database is an older copy. Versions only rise otherwise. Remembers the last hundred thousand credentials.
 */
@ApplicationScoped
class RollbackWatch {

    private static final Logger LOG = Logger.getLogger(RollbackWatch.class);
    private static final int MOST = 100_000;

    private final RefreshStore rows;
    private final AuditTrail trail;
    private final Event<AuditSignal> signals;
    private final Event<CredentialEvent> changes;
    private final Detached detached;
    private final Clock clock;
    private final Cache<UUID, Long> newest =
            Caffeine.newBuilder().maximumSize(MOST).build();

    RollbackWatch(
            RefreshStore rows,
            AuditTrail trail,
            Event<AuditSignal> signals,
            Event<CredentialEvent> changes,
            Detached detached,
            Clock clock) {
        this.rows = rows;
        this.trail = trail;
        this.signals = signals;
        this.changes = changes;
        this.detached = detached;
        this.clock = clock;
    }

    /** {@code credential} was read or stored. Never fails, and nobody waits for what follows. */
    void seen(StoredCredential credential) {
        UUID id = credential.key().id();
        long known = newest.asMap().merge(id, credential.version(), Math::max);
        if (known > credential.version()) {
            var unused = detached.start(() -> confirm(credential.key(), known)).exceptionally(failure -> {
                LOG.warnf("credential %s may be older than it was: %s", id, failure.getMessage());
                return null;
            });
        }
    }

    /** A read that was under way when a newer version was stored tells of the past; one that begins now does not. */
    private Uni<Void> confirm(CredentialKey key, long known) {
        return rows.findAll(List.of(key.id()))
                .chain(found -> found.stream()
                        .filter(now -> now.version() < known)
                        .findFirst()
                        .map(now -> report(now, known))
                        .orElseGet(() -> Uni.createFrom().voidItem()));
    }

    private Uni<Void> report(StoredCredential now, long known) {
        UUID id = now.key().id();
        if (!newest.asMap().replace(id, known, now.version())) {
            return Uni.createFrom().voidItem(); // somebody else tells it
        }
        LOG.errorf(
                "credential %s was put back from version %d to %d, and not by this service", id, known, now.version());
        signals.fire(new AuditSignal.Alarm("credential_rolled_back"));
        String detail = "was version " + known;
        CredentialEvent event = new CredentialEvent.RolledBack(now.key(), now.account(), Announcer.SYSTEM, detail);
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
}
