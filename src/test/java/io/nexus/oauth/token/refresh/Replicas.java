package io.nexus.oauth.token.refresh;

import io.nexus.oauth.credential.RefreshLease;
import io.nexus.oauth.event.Activity;
import io.nexus.oauth.event.Reading;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.store.CredentialStore;
import io.nexus.oauth.store.RefreshStore;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.token.client.ClientLimiters;
import io.nexus.oauth.token.client.ClientRegistrations;
import io.nexus.oauth.token.client.ProviderClients;
import io.nexus.oauth.token.client.SlotReservation;
import io.nexus.oauth.token.grant.RefreshConfig;
import io.nexus.oauth.token.grant.RefreshStart;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.event.Event;
import jakarta.inject.Singleton;
import java.util.function.Supplier;

/** Makes the refreshers of other replicas: they share the database with this process, and no flight. */
@Singleton
public class Replicas {

    private final RefreshStore refreshes;
    private final CredentialStore credentials;
    private final RefreshCompletionPoller rows;
    private final ProviderCatalogue catalogue;
    private final ClientRegistrations registrations;
    private final ProviderClients clients;
    private final RefreshAttempt attempt;
    private final RefreshPreconditions preconditions;
    private final RefreshConfig config;
    private final CancellationShield shield;
    private final Event<Activity> activity;
    private final Event<Reading> readings;

    Replicas(
            RefreshStore refreshes,
            CredentialStore credentials,
            RefreshCompletionPoller rows,
            ProviderCatalogue catalogue,
            ClientRegistrations registrations,
            ProviderClients clients,
            RefreshAttempt attempt,
            RefreshPreconditions preconditions,
            RefreshConfig config,
            CancellationShield shield,
            Event<Activity> activity,
            Event<Reading> readings) {
        this.refreshes = refreshes;
        this.credentials = credentials;
        this.rows = rows;
        this.catalogue = catalogue;
        this.registrations = registrations;
        this.clients = clients;
        this.attempt = attempt;
        this.preconditions = preconditions;
        this.config = config;
        this.shield = shield;
        this.activity = activity;
        this.readings = readings;
    }

    /** Clients with limits of their own. */
    ProviderClients clients(RefreshConfig settings) {
        return new ProviderClients(catalogue, registrations, new ClientLimiters(registrations, settings, readings));
    }

    /** A refresher with the settings of this process, and limits of its own. */
    TokenRefresher refresher() {
        return refresher(clients(config), config, shield);
    }

    /** A refresher with settings of its own. */
    TokenRefresher refresher(ProviderClients limited, RefreshConfig settings, CancellationShield ending) {
        return refresher(refreshes, limited, settings, ending);
    }

    /** A refresher that prepares each refresh of the schedule with {@code instead}. */
    TokenRefresher refresher(ProviderClients limited, Supplier<Uni<TokenRefresher.PreparedRefresh>> instead) {
        return new TokenRefresher(refreshes, rows, limited, attempt, preconditions, config, shield, activity) {
            @Override
            Uni<PreparedRefresh> prepare(RefreshLease lease, RefreshStart start, SlotReservation slots) {
                return instead.get();
            }
        };
    }

    /** A refresher that reaches the database by another way. */
    TokenRefresher refresher(RefreshStore way) {
        return refresher(way, clients, config, shield);
    }

    private TokenRefresher refresher(
            RefreshStore way, ProviderClients limited, RefreshConfig settings, CancellationShield ending) {
        return new TokenRefresher(way, rows, limited, attempt, preconditions, settings, ending, activity);
    }

    /** The reports of refused access tokens that another replica takes. */
    public RejectionReports reports() {
        return new RejectionReports(refreshes, credentials, refresher(refreshes), shield);
    }
}
