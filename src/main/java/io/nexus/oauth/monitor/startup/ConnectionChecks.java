package io.nexus.oauth.monitor.startup;

import static io.nexus.oauth.monitor.startup.Finding.warning;

import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.GrantType;
import io.nexus.oauth.credential.Identifiers;
import io.nexus.oauth.credential.OidcClientId;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.provider.catalogue.MachineGrantRules;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Checks the machine connections of the configuration. Findings are warnings, because everything else works. */
final class ConnectionChecks {

    private static final String PROVIDER = ".provider";
    private static final Pattern PROVIDERS = Pattern.compile("nexus\\.oauth\\.connections\\..+\\.provider");

    private final Settings settings;
    private final Function<String, Optional<String>> oidcFault;
    private final List<Finding> findings = new ArrayList<>();

    private ConnectionChecks(Settings settings, Function<String, Optional<String>> oidcFault) {
        this.settings = settings;
        this.oidcFault = oidcFault;
    }

    /**
     * @param profiles the profile of a provider by its id
     * @param oidcFault why the client of the Quarkus OIDC client with an id cannot be used; empty when it can
     */
    static List<Finding> findings(
            Settings settings,
            Function<String, Optional<ProviderProfile>> profiles,
            Function<String, Optional<String>> oidcFault) {
        ConnectionChecks checks = new ConnectionChecks(settings, oidcFault);
        settings.keys(PROVIDERS)
                .forEach(key -> checks.check(key.substring(0, key.length() - PROVIDER.length()), profiles));
        return checks.findings;
    }

    private void check(String name, Function<String, Optional<ProviderProfile>> profiles) {
        Optional<ProviderProfile> provider = settings.text(name + PROVIDER).flatMap(profiles);
        if (provider.isEmpty()) {
            findings.add(warning(
                    name + PROVIDER,
                    "names no provider of the catalogue",
                    "Set it to the id of a provider, for example auth0"));
        }
        String account = settings.text(name + ".user").orElse("");
        attempt(name + ".user", () -> new AccountKey(TenantId.DEFAULT, "x", account));
        List<String> tenants = settings.list(name + ".tenant");
        boolean everywhere = tenants.equals(List.of("*"))
                && settings.text(name + ".oidc-client").isPresent();
        attempt(
                name + ".tenant",
                () -> tenants.stream().filter(each -> !everywhere).forEach(TenantId::configured));
        grant(name, provider);
        attempt(name + ".scopes", () -> scopes(name, provider));
        settings.text(name + ".audience")
                .ifPresent(text -> attempt(
                        name + ".audience", () -> Identifiers.check("audience", text, TokenRequest.MAX_LENGTH)));
        attempt(name + ".resource", () -> TokenRequest.checkResources(settings.list(name + ".resource")));
        provider.ifPresent(profile -> target(name, profile));
        settings.text(name + ".oidc-client").ifPresent(id -> checkOidcClient(name, id));
    }

    private void checkOidcClient(String name, String id) {
        String client = OidcClientId.of(id);
        oidcFault
                .apply(id)
                .ifPresent(fault -> findings.add(warning(
                        name + ".oidc-client",
                        client + " " + fault,
                        "Correct the client, or the connection is not created")));
        Stream.of(".grant-type", ".subject", ".scopes", ".audience", ".resource")
                .map(key -> name + key)
                .filter(key -> !settings.list(key).isEmpty())
                .forEach(key -> findings.add(warning(
                        key,
                        "stands beside oidc-client, which has its own",
                        "Move it to " + client + ", or the connection is not created")));
    }

    private void scopes(String name, Optional<ProviderProfile> provider) {
        Scopes scopes = TokenRequest.checkScopes(Scopes.of(settings.list(name + ".scopes")));
        machineGrant(name)
                .ifPresent(type -> provider.ifPresent(profile -> MachineGrantRules.checkScopes(profile, type, scopes)));
    }

    private void target(String name, ProviderProfile profile) {
        Optional<String> fault = machineGrant(name).flatMap(type -> MachineGrantRules.targetFault(profile, type));
        fault.ifPresent(text -> Stream.of(".audience", ".resource")
                .map(key -> name + key)
                .filter(key -> !settings.list(key).isEmpty())
                .forEach(key -> findings.add(warning(key, text, "Remove it, or the connection is not created"))));
    }

    /** Empty for a wrong one, which has its own finding. */
    private Optional<GrantType> machineGrant(String name) {
        String text = grantType(name);
        return Arrays.stream(GrantType.values())
                .filter(type -> type.value().equals(text))
                .findFirst();
    }

    private void grant(String name, Optional<ProviderProfile> provider) {
        String text = grantType(name);
        Optional<String> subject = settings.text(name + ".subject");
        attempt(name + ".grant-type", () -> {
            GrantType type = GrantType.of(text);
            if (!type.isMachine()) {
                throw new IllegalArgumentException("is no grant of a machine connection");
            }
            provider.ifPresent(profile -> MachineGrantRules.check(profile, type));
        });
        attempt(name + ".subject", () -> {
            subject.ifPresent(TokenRequest::checkSubject);
            if (text.equals(GrantType.JWT_BEARER.value())) {
                provider.ifPresent(profile -> MachineGrantRules.checkSubject(profile, subject.orElse(null)));
            } else if (subject.isPresent()) {
                throw new IllegalArgumentException("needs grant-type " + GrantType.JWT_BEARER.value());
            }
        });
    }

    private String grantType(String name) {
        return settings.text(name + ".grant-type").orElse(GrantType.CLIENT_CREDENTIALS.value());
    }

    private void attempt(String key, Runnable use) {
        try {
            use.run();
        } catch (IllegalArgumentException e) {
            findings.add(warning(key, String.valueOf(e.getMessage()), "Correct it, or the connection is not created"));
        }
    }
}
