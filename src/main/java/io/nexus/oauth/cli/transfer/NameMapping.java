package io.nexus.oauth.cli.transfer;

import io.nexus.oauth.api.CredentialRequest;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Maps the names of providers and tenants in the source to their names in this service. */
final class NameMapping {

    @Option(
            names = "--map-provider",
            paramLabel = "THERE=HERE",
            description = "The name of a provider in this service, for example google-drive=google. Can be repeated.")
    private Map<String, String> providers = Map.of();

    @Option(
            names = "--map-tenant",
            paramLabel = "THERE=HERE",
            description = "The name of a tenant in this service, for example root=default. Can be repeated.")
    private Map<String, String> tenants = Map.of();

    Map<String, String> providers() {
        return providers;
    }

    Map<String, String> tenants() {
        return tenants;
    }

    String provider(String there) {
        return providers.getOrDefault(there, there);
    }

    @Nullable String tenant(@Nullable String there) {
        return there == null ? null : tenants.getOrDefault(there, there);
    }

    CredentialRequest provider(CredentialRequest grant) {
        String there = grant.provider();
        return there == null || !providers.containsKey(there)
                ? grant
                : new CredentialRequest(
                        provider(there),
                        grant.user(),
                        grant.accessToken(),
                        grant.refreshToken(),
                        grant.tokenType(),
                        grant.expiresAt(),
                        grant.expiresIn(),
                        grant.scopes(),
                        grant.clientId(),
                        grant.accountId(),
                        grant.accountLabel(),
                        grant.acceptOtherAccount(),
                        grant.metadata(),
                        grant.grantType(),
                        grant.audience(),
                        grant.resource(),
                        grant.subject());
    }
}
