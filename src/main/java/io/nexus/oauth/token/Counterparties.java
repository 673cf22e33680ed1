package io.nexus.oauth.token;

import io.nexus.oauth.provider.ProviderCatalogue;
import jakarta.enterprise.context.ApplicationScoped;

/** Whom a refresh talks to, as whom, and through which gate. */
@ApplicationScoped
class Counterparties {

    private final ProviderCatalogue catalogue;
    private final ClientRegistrations clients;
    private final ProviderGates gates;

    Counterparties(ProviderCatalogue catalogue, ClientRegistrations clients, ProviderGates gates) {
        this.catalogue = catalogue;
        this.clients = clients;
        this.gates = gates;
    }

    ProviderCatalogue catalogue() {
        return catalogue;
    }

    ClientRegistrations clients() {
        return clients;
    }

    ProviderGates gates() {
        return gates;
    }
}
