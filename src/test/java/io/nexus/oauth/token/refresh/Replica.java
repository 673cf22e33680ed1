package io.nexus.oauth.token.refresh;

import io.nexus.oauth.event.Activity;
import io.nexus.oauth.store.CredentialStore;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.token.client.ProviderClients;
import io.nexus.oauth.token.grant.RefreshConfig;
import jakarta.enterprise.event.Event;
import jakarta.inject.Singleton;

/** The refresher of another replica, for tests of other packages. */
@Singleton
public class Replica {

    private final RefreshStore refreshes;
    private final CredentialStore credentials;
    private final RefreshCompletionPoller rows;
    private final ProviderClients clients;
    private final RefreshAttempt attempt;
    private final RefreshPreconditions preconditions;
    private final RefreshConfig config;
    private final CancellationShield shield;
    private final Event<Activity> activity;

    Replica(
            RefreshStore refreshes,
            CredentialStore credentials,
            RefreshCompletionPoller rows,
            ProviderClients clients,
            RefreshAttempt attempt,
            RefreshPreconditions preconditions,
            RefreshConfig config,
            CancellationShield shield,
            Event<Activity> activity) {
        this.refreshes = refreshes;
        this.credentials = credentials;
        this.rows = rows;
        this.clients = clients;
        this.attempt = attempt;
        this.preconditions = preconditions;
        this.config = config;
        this.shield = shield;
        this.activity = activity;
    }

    /** A refresher that shares no flight with that of this process. */
    public RejectionReports reports() {
        return new RejectionReports(
                refreshes,
                credentials,
                new TokenRefresher(refreshes, rows, clients, attempt, preconditions, config, shield, activity),
                shield);
    }
}
