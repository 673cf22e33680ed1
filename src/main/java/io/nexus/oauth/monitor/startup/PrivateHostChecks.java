package io.nexus.oauth.monitor.startup;

import io.nexus.oauth.provider.catalogue.ProviderProfile;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Checks which hosts of the private network the providers may lead to. */
final class PrivateHostChecks {

    private static final String SETTING = "nexus.oauth.providers.private-hosts";

    /** Top-level domains that nobody can register, so that all names below them belong to the operator. */
    private static final Set<String> PRIVATE_DOMAINS =
            Set.of(".local", ".internal", ".lan", ".corp", ".home", ".intranet", ".private", ".test");

    private PrivateHostChecks() {}

    static List<Finding> findings(Settings settings, List<ProviderProfile> profiles) {
        List<Finding> findings = new ArrayList<>();
        for (ProviderProfile profile : profiles) {
            List<String> hosts = profile.privateHosts();
            if (hosts != null) {
                String key = "providers." + profile.id() + ".private_hosts";
                hosts.forEach(host -> tooWide(key, host).ifPresent(findings::add));
            }
        }
        String free = profiles.stream()
                .filter(profile -> profile.privateHosts() == null && profile.hasFreeHost())
                .map(ProviderProfile::id)
                .collect(Collectors.joining(", "));
        settings.list(SETTING).stream()
                .filter(host -> host.startsWith(".") && !free.isEmpty())
                .findFirst()
                .ifPresent(suffix -> findings.add(Finding.warning(
                        SETTING,
                        suffix
                                + " lets the administrators of every tenant send requests to every host below it, by clients of "
                                + free,
                        "Name the hosts in private_hosts of the provider that needs them, in your provider file")));
        return findings;
    }

    /** The finding about {@code host} at {@code key}, if others can register names that it allows. */
    static Optional<Finding> tooWide(String key, String host) {
        String name = host.toLowerCase(Locale.ROOT);
        // a suffix with one label is a whole top-level domain
        boolean isDomain = name.startsWith(".") && name.indexOf('.', 1) < 0 && !PRIVATE_DOMAINS.contains(name);
        return isDomain || name.contains("*")
                ? Optional.of(Finding.severe(
                        key,
                        host + " gives names that others can register access to private networks",
                        "Name single hosts, or a suffix that belongs to you"))
                : Optional.empty();
    }
}
