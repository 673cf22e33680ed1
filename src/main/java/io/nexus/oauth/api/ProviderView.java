package io.nexus.oauth.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A provider of the catalogue.
 *
 * @param id its id
 * @param name its name
 * @param callback the redirect URI to register at the provider
 * @param vars the variables that a client registration can set
 * @param variables the same variables, with the rules for their values
 * @param rotation whether a refresh replaces the refresh token: {@code never}, {@code maybe} or {@code always}
 * @param killsAccessToken whether a refresh ends the access tokens in use
 * @param console the page of the provider where an operator registers an OAuth client; null when it is not known
 * @param registered whether an OAuth client is registered for the caller's tenant
 */
public record ProviderView(
        String id,
        String name,
        String callback,
        List<String> vars,
        List<Variable> variables,
        String rotation,
        boolean killsAccessToken,
        @Nullable String console,
        boolean registered) {

    /**
     * A variable that a client registration can set.
     *
     * @param name its name
     * @param required whether the registration must set it
     * @param defaultValue the value when none is given; null when there is none
     * @param pattern the regular expression that a value matches as a whole; null when there is none
     * @param hosts the hosts that a value may name, or suffixes that start with a dot; empty when it may name any
     */
    public record Variable(
            String name,
            boolean required,
            @Nullable String defaultValue,
            @Nullable String pattern,
            List<String> hosts) {}
}
