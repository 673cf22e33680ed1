package io.nexus.oauth.token;

import io.nexus.oauth.provider.ProviderCatalogue;
import jakarta.enterprise.context.ApplicationScoped;

/** Whom a refresh talks to and as whom. */
@ApplicationScoped
class Counterparties {

    private final ProviderCatalogue catalogue;
    private final ClientRegistrations clients;

    Counterparties(ProviderCatalogue catalogue, ClientRegistrations clients) {
        this.catalogue = catalogue;
        this.clients = clients;
    }

    ProviderCatalogue catalogue() {
        return catalogue;
    }

    ClientRegistrations clients() {
        return clients;
    }
}
