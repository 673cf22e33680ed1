package io.nexus.oauth.api;

import java.util.List;

/**
 * A provider of the catalogue.
 *
 * @param id its id
 * @param name its name
 * @param callback the redirect URI to register at the provider
 * @param vars the variables that a client registration can set
 * @param rotation whether a refresh replaces the refresh token: {@code never}, {@code maybe} or {@code always}
 * @param killsAccessToken whether a refresh ends the access tokens in use
 * @param registered whether an OAuth client is registered for the caller's tenant
 */
public record ProviderView(
        String id,
        String name,
        String callback,
        List<String> vars,
        String rotation,
        boolean killsAccessToken,
        boolean registered) {}
