package io.nexus.oauth.monitor;

import io.nexus.oauth.store.journal.SpillJournal;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/**
 * Ready when the journal can be written and the entries of earlier processes are stored in the database. Before that, a
 * refresh could use a spent token whose successor is in the journal.
 */
@Readiness
@ApplicationScoped
class JournalCheck implements HealthCheck {

    private final SpillJournal journal;

    JournalCheck(SpillJournal journal) {
        this.journal = journal;
    }

    @Override
    public HealthCheckResponse call() {
        SpillJournal.Status status = journal.status();
        HealthCheckResponseBuilder response = HealthCheckResponse.named("journal")
                .status(status.writable() && status.replayed())
                .withData("unsettled", status.unsettled())
                .withData("replayed", status.replayed());
        if (status.reason() != null) {
            response.withData("reason", status.reason());
        }
        return response.build();
    }
}
