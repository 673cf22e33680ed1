package io.nexus.oauth.audit;

import io.nexus.oauth.event.CredentialEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.jboss.logging.Logger;

/** Logs each change of a credential as one line. */
@ApplicationScoped
class CredentialEventLogger {

    /** Operators filter their logs by this category, so it outlives the names of classes. */
    private static final Logger LOG = Logger.getLogger("io.nexus.oauth.audit.AuditLog");

    void write(@Observes CredentialEvent event) {
        LOG.info(line(
                event.operation(),
                event.account().provider(),
                event.account().user(),
                event.account().tenant().value()));
    }

    /** One line for one event; unsafe characters in the names are escaped. */
    static String line(String operation, String provider, String user, String tenant) {
        return "AUDIT: " + LogEscaping.of(operation) + " | provider=" + LogEscaping.of(provider) + " | user="
                + LogEscaping.of(user) + " | tenant=" + LogEscaping.of(tenant);
    }
}
