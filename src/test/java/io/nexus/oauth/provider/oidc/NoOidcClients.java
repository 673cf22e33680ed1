package io.nexus.oauth.provider.oidc;

import io.nexus.oauth.provider.Providers;
import io.quarkus.oidc.client.OidcClient;
import io.quarkus.oidc.client.OidcClients;
import io.quarkus.oidc.client.runtime.OidcClientConfig;
import io.smallrye.mutiny.Uni;

/** A service whose operator configured no client of the extension. */
public final class NoOidcClients implements OidcClients {

    private NoOidcClients() {}

    public static OidcClientTokens tokens() {
        return new OidcClientTokens(
                new NoOidcClients(),
                null,
                new OidcRequests(),
                (provider, endpoint, outcome, took) -> {},
                Providers.CLOCK,
                Providers.VERTX);
    }

    @Override
    public OidcClient getClient() {
        return null;
    }

    @Override
    public OidcClient getClient(String id) {
        return null;
    }

    @Override
    public Uni<OidcClient> newClient(OidcClientConfig config) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
