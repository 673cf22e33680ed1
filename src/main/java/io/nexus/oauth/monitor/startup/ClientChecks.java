package io.nexus.oauth.monitor.startup;

import static io.nexus.oauth.monitor.startup.Finding.warning;

import io.nexus.oauth.provider.catalogue.ProviderProfile;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Checks the OAuth clients of the configuration: their provider exists, their variables are valid and complete, and they
 * can authenticate. Findings are
 * warnings, because the other clients work.
 */
final class ClientChecks {

    private static final String PROVIDER = ".provider";

    private static final Pattern PROVIDERS = Pattern.compile("nexus\\.oauth\\.clients\\..+\\.provider");

    private ClientChecks() {}

    /**
     * @param profiles the profile of a provider by its id
     */
    static List<Finding> findings(
            Settings settings, Function<String, Optional<ProviderProfile>> profiles, Instant now) {
        return settings.keys(PROVIDERS).stream()
                .flatMap(key -> findings(settings, key, profiles, now))
                .toList();
    }

    private static Stream<Finding> findings(
            Settings settings, String key, Function<String, Optional<ProviderProfile>> profiles, Instant now) {
        Optional<ProviderProfile> provider = settings.text(key).flatMap(profiles);
        if (provider.isEmpty()) {
            return Stream.of(warning(
                    key, "names no provider of the catalogue", "Set it to the id of a provider, for example google"));
        }
        String client = key.substring(0, key.length() - PROVIDER.length());
        String prefix = client + ".vars.";
        Map<String, String> vars = new HashMap<>();
        settings.keys(Pattern.compile(Pattern.quote(prefix) + ".+"))
                .forEach(each -> settings.text(each)
                        .ifPresent(value ->
                                vars.put(each.substring(prefix.length()).replace("\"", ""), value)));
        Stream<Finding> faults = provider.get().faultsOf(vars).entrySet().stream()
                .map(fault -> warning(
                        prefix + fault.getKey(),
                        fault.getValue(),
                        "Set it as the provider " + provider.get().id() + " describes it"));
        return Stream.of(
                        faults,
                        omittedScopes(settings, client + ".omitted-scopes", provider.get()),
                        new AuthenticationChecks(settings, client, now).findings(provider.get()))
                .flatMap(each -> each);
    }

    private static Stream<Finding> omittedScopes(Settings settings, String key, ProviderProfile profile) {
        List<String> base = profile.authorize().baseScopes();
        return base.containsAll(settings.list(key))
                ? Stream.empty()
                : Stream.of(warning(
                        key,
                        "names a scope that is no base scope of " + profile.id(),
                        base.isEmpty()
                                ? "Remove it: the provider has no base scopes"
                                : "Name only base scopes: " + String.join(", ", base)));
    }
}
