package io.nexus.oauth.token.client;

import io.nexus.oauth.credential.SealedClient;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.store.RefreshStore.SharedClient;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Finds the provider, the OAuth client and the limiter that a refresh of a credential needs. */
@ApplicationScoped
public class ProviderClients {

    private final ProviderCatalogue catalogue;
    private final ClientRegistrations registrations;
    private final ClientLimiters limiters;

    public ProviderClients(ProviderCatalogue catalogue, ClientRegistrations registrations, ClientLimiters limiters) {
        this.catalogue = catalogue;
        this.registrations = registrations;
        this.limiters = limiters;
    }

    /** All providers of the catalogue. */
    public List<OAuthProvider> providers() {
        return catalogue.all();
    }

    /** The provider, or empty when the catalogue lacks it. */
    public Optional<OAuthProvider> find(String provider) {
        return catalogue.find(provider);
    }

    /** As {@link #find}, but throws {@link ProviderException.UnknownProvider}. */
    public OAuthProvider get(String provider) {
        return catalogue.get(provider);
    }

    /** Registers the client of {@code tenant} at the registration's provider and replaces the previous one. */
    public Uni<SealedClient> save(TenantId tenant, ClientRegistration registration, String actor) {
        return registrations.save(tenant, registration, actor).call(this::tryAtOnce);
    }

    /** Shows the stored registration to its limiter. A refused client that was corrected is tried without further delay. */
    private Uni<?> tryAtOnce(SealedClient stored) {
        return registrations
                .opened(stored)
                .invoke(client -> limiters.changed(stored.tenant(), client))
                .onFailure()
                .recoverWithNull(); // it is stored; the next refresh looks at it again
    }

    /** The client of {@code credential}, as the limiter of its requests tells clients apart. */
    public Uni<SharedClient> shared(StoredCredential credential) {
        TenantId tenant = credential.key().tenant();
        String provider = credential.account().provider();
        return registrations
                .isOwn(tenant, provider)
                .map(own -> new SharedClient(
                        provider,
                        credential.clientId(),
                        credential.clientVars(),
                        own ? tenant.value() : null,
                        own ? List.of() : registrations.configuredOwners(provider)));
    }

    /**
     * The client that can refresh {@code credential}. A refresh token is bound to the client that received it (RFC 6749 section
     * 10.4) and to that client's variables. Fails with {@link ProviderException.Misconfigured} when that client is not
     * registered.
     */
    public Uni<ClientRegistration> of(StoredCredential credential) {
        return registrations.get(
                credential.key().tenant(),
                credential.account().provider(),
                credential.clientId(),
                credential.clientVars());
    }

    /** The limiter for the requests of {@code tenant} as {@code client}. */
    public Uni<ClientLimiter> limiter(TenantId tenant, ClientRegistration client) {
        return limiters.of(tenant, client);
    }

    /** Takes free slots at {@code provider}, {@code most} at most. */
    public SlotReservation reserve(String provider, int most) {
        return limiters.reserve(provider, most);
    }

    /** Calls {@code listener} with a provider's id whenever one of its clients has free slots. */
    public void onFreeSlots(Consumer<String> listener) {
        limiters.onFreeSlots(listener);
    }
}
