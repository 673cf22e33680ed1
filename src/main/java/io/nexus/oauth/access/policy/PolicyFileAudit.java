package io.nexus.oauth.access.policy;

import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.event.AuditEntry;
import io.nexus.oauth.store.audit.AuditStore;
import io.nexus.oauth.store.execution.ScheduledRun;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import org.jboss.logging.Logger;

/**
 * Writes an audit record for each policy file that this replica loaded. The policies take effect when the file is read,
 * even without the database. So the record is written afterwards, and kept in memory until it can be written. Does not
 * block.
 */
@ApplicationScoped
class PolicyFileAudit {

    private static final Logger LOG = Logger.getLogger(PolicyFileAudit.class);

    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final PolicyFile file;
    private final AuditStore trail;

    PolicyFileAudit(PolicyFile file, AuditStore trail) {
        this.file = file;
        this.trail = trail;
    }

    @Scheduled(
            every = "{nexus.oauth.access.policy-file-every}",
            identity = "policy-file-trail",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> write() {
        List<PolicyFile.Loaded> unrecorded = file.unrecorded();
        if (unrecorded.isEmpty()) {
            return Uni.createFrom().voidItem();
        }
        return ScheduledRun.of(
                LOG,
                "audit records of the policy file",
                DEADLINE,
                () -> trail.add(unrecorded.stream().map(PolicyFileAudit::entry).toList())
                        .invoke(() -> unrecorded.forEach(file::recorded)));
    }

    private static AuditEntry entry(PolicyFile.Loaded loaded) {
        return new AuditEntry(
                0,
                loaded.at(),
                TenantId.DEFAULT,
                "policy_file_loaded",
                null,
                null,
                null,
                "system",
                loaded.size() + " policies",
                loaded.digest(),
                null,
                null,
                1,
                null);
    }
}
