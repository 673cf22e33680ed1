package io.nexus.oauth.provider.oidc;

import io.nexus.oauth.credential.OidcClientId;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.TokenRequest;
import io.quarkus.oidc.client.runtime.OidcClientConfig;
import io.quarkus.oidc.client.runtime.OidcClientConfig.Grant;
import io.quarkus.oidc.common.runtime.OidcCommonUtils;
import io.quarkus.oidc.common.runtime.OidcConstants;
import io.quarkus.runtime.configuration.ConfigurationException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Which clients of the extension can get the tokens of a machine connection. */
final class OidcClientRules {

    private static final String USERNAME = OidcConstants.PASSWORD_GRANT_USERNAME;
    private static final String PASSWORD = OidcConstants.PASSWORD_GRANT_PASSWORD;

    private OidcClientRules() {}

    /** Why the client {@code id} cannot be used, as the rest of a sentence about its name; empty when it can. */
    static Optional<String> fault(String id, OidcClientConfig client) {
        return Stream.of(
                        client.clientEnabled() ? "" : "is switched off by client-enabled",
                        incomplete(client),
                        grantFault(client),
                        responseFault(client),
                        requestFault(id, client))
                .filter(fault -> !fault.isEmpty())
                .findFirst();
    }

    /** The token request that {@code client} makes, as far as callers see it. */
    static TokenRequest request(String id, OidcClientConfig client) {
        return TokenRequest.ofOidcClient(
                id,
                Scopes.of(client.scopes().orElse(List.of())),
                client.audience().map(all -> String.join(" ", all)).orElse(null));
    }

    /** The extension disables such a client, and says so at level DEBUG only. */
    private static String incomplete(OidcClientConfig client) {
        if (client.authServerUrl().isEmpty() && !OidcCommonUtils.isAbsoluteUrl(client.tokenPath())) {
            return "has neither auth-server-url nor an absolute token-path";
        }
        try {
            OidcCommonUtils.verifyEndpointUrl(
                    client.authServerUrl().or(client::tokenPath).orElse(""));
        } catch (ConfigurationException e) {
            return "has an auth-server-url or token-path that is no URL";
        }
        try {
            OidcCommonUtils.verifyCommonConfiguration(client, false, false);
            return "";
        } catch (ConfigurationException e) {
            return "is not complete: " + e.getMessage();
        }
    }

    /** A connection asks the same thing each time, so all values have to stand in the configuration. */
    private static String grantFault(OidcClientConfig client) {
        Grant.Type type = client.grant().type();
        String name = type.name().toLowerCase(Locale.ROOT);
        Map<String, String> options = client.grantOptions().getOrDefault(name, Map.of());
        return switch (type) {
            case CLIENT -> "";
            case PASSWORD ->
                options.keySet().containsAll(List.of(USERNAME, PASSWORD)) ? "" : missing(name, USERNAME, PASSWORD);
            case EXCHANGE -> options.containsKey("subject_token") ? "" : missing(name, "subject_token");
            case JWT ->
                client.credentials().jwt().assertion() || options.containsKey("assertion")
                        ? ""
                        : missing(name, "assertion") + " or credentials.jwt.assertion=true";
            case CODE, REFRESH, CIBA, DEVICE ->
                "has the grant " + name
                        + ", which needs another value for each request; use client, password, jwt or exchange";
        };
    }

    private static String missing(String grant, String... options) {
        return "has the grant " + grant + " and misses "
                + String.join(
                        " and ",
                        Stream.of(options)
                                .map(each -> "grant-options." + grant + "." + each)
                                .toList());
    }

    /** The provider's profile describes the response; a second description without effect would mislead. */
    private static String responseFault(OidcClientConfig client) {
        boolean isDescribed = client.absoluteExpiresIn()
                || client.accessTokenExpiresIn().isPresent()
                || client.accessTokenExpirySkew().isPresent()
                || !client.grant().accessTokenProperty().equals(OidcConstants.ACCESS_TOKEN_VALUE)
                || !client.grant().expiresInProperty().equals(OidcConstants.EXPIRES_IN);
        return isDescribed
                ? "describes the response (absolute-expires-in, access-token-expires-in, access-token-expiry-skew,"
                        + " grant.access-token-property or grant.expires-in-property); a provider file does that"
                : "";
    }

    private static String requestFault(String id, OidcClientConfig client) {
        try {
            request(id, client);
            return "";
        } catch (IllegalArgumentException e) {
            return "has scopes or audience that " + OidcClientId.of(id) + " cannot request: " + e.getMessage();
        }
    }
}
