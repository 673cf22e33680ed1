package io.nexus.oauth.audit;

import io.nexus.oauth.credential.AuditEntry;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.event.CredentialEvent;
import io.nexus.oauth.store.AuditTrail;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.List;
import org.jboss.logging.Logger;

/** Writes each change as one line into the log, and reads the trail. */
@ApplicationScoped
public class AuditLog {

    private static final Logger LOG = Logger.getLogger(AuditLog.class);

    private final AuditTrail trail;

    AuditLog(AuditTrail trail) {
        this.trail = trail;
    }

    /** Identifiers hold no control characters (they are refused at the door), so a line cannot be forged. */
    void write(@Observes CredentialEvent event) {
        LOG.infof(
                "AUDIT: %s | provider=%s | user=%s | tenant=%s",
                event.operation(),
                event.account().provider(),
                event.account().user(),
                event.account().tenant());
    }

    /**
     * Up to {@code limit} entries of the tenant after number {@code after}, the oldest first. Non-blocking; fails with {@link
     * io.nexus.oauth.credential.StorageException} when the database cannot be used.
     */
    public Uni<List<AuditEntry>> page(TenantId tenant, long after, int limit) {
        return trail.page(tenant, after, limit);
    }
}
