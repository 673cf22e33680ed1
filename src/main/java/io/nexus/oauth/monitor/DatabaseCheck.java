package io.nexus.oauth.monitor;

import io.nexus.oauth.store.connection.DatabaseProbe;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

/** Ready when the database answers, and isolates tenants if row-level security is configured. */
@Readiness
@ApplicationScoped
class DatabaseCheck implements AsyncHealthCheck {

    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    private final DatabaseProbe probe;

    DatabaseCheck(DatabaseProbe probe) {
        this.probe = probe;
    }

    /** Up also after a failover: valid tokens are served. */
    private HealthCheckResponse up() {
        HealthCheckResponseBuilder response =
                HealthCheckResponse.named("database").up();
        probe.waiting().ifPresent(sentence -> response.withData("failover", sentence));
        return response.build();
    }

    @Override
    public Uni<HealthCheckResponse> call() {
        return probe.ping()
                .chain(probe::isolates)
                .map(isolates -> isolates
                        ? up()
                        : HealthCheckResponse.named("database")
                                .down()
                                .withData("row_level_security", "inactive")
                                .build())
                .ifNoItem()
                .after(TIMEOUT)
                .recoverWithItem(() -> HealthCheckResponse.down("database"))
                .onFailure()
                .recoverWithItem(() -> HealthCheckResponse.down("database"));
    }
}
