package io.nexus.oauth.monitor.startup;

import static io.nexus.oauth.monitor.startup.Finding.warning;

import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.GrantType;
import io.nexus.oauth.credential.Identifiers;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.credential.TokenRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Checks the machine connections of the configuration. Findings are warnings, because everything else works. */
final class ConnectionChecks {

    private static final String PROVIDER = ".provider";
    private static final Pattern PROVIDERS = Pattern.compile("nexus\\.oauth\\.connections\\..+\\.provider");

    private final Settings settings;
    private final List<Finding> findings = new ArrayList<>();

    private ConnectionChecks(Settings settings) {
        this.settings = settings;
    }

    /**
     * @param known whether the catalogue has the provider of an id
     */
    static List<Finding> findings(Settings settings, Predicate<String> known) {
        ConnectionChecks checks = new ConnectionChecks(settings);
        settings.keys(PROVIDERS)
                .forEach(key -> checks.check(key.substring(0, key.length() - PROVIDER.length()), known));
        return checks.findings;
    }

    private void check(String name, Predicate<String> known) {
        Optional<String> provider = settings.text(name + PROVIDER).filter(known);
        if (provider.isEmpty()) {
            findings.add(warning(
                    name + PROVIDER,
                    "names no provider of the catalogue",
                    "Set it to the id of a provider, for example auth0"));
        }
        String account = settings.text(name + ".user").orElse("");
        attempt(name + ".user", () -> new AccountKey(TenantId.DEFAULT, "x", account));
        settings.text(name + ".tenant").ifPresent(text -> attempt(name + ".tenant", () -> TenantId.configured(text)));
        settings.text(name + ".grant-type").ifPresent(text -> attempt(name + ".grant-type", () -> machine(text)));
        attempt(name + ".scopes", () -> TokenRequest.checkScopes(Scopes.of(settings.list(name + ".scopes"))));
        settings.text(name + ".audience")
                .ifPresent(text -> attempt(
                        name + ".audience", () -> Identifiers.check("audience", text, TokenRequest.MAX_LENGTH)));
        attempt(name + ".resource", () -> TokenRequest.checkResources(settings.list(name + ".resource")));
    }

    private static void machine(String grantType) {
        if (!GrantType.CLIENT_CREDENTIALS.value().equals(grantType)) {
            throw new IllegalArgumentException("must be " + GrantType.CLIENT_CREDENTIALS.value());
        }
    }

    private void attempt(String key, Runnable use) {
        try {
            use.run();
        } catch (IllegalArgumentException e) {
            findings.add(warning(key, String.valueOf(e.getMessage()), "Correct it, or the connection is not created"));
        }
    }
}
