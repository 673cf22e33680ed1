package io.nexus.oauth.monitor.startup;

import static io.nexus.oauth.monitor.startup.Finding.fatal;

import io.nexus.oauth.access.issuer.CallerTokens;
import io.nexus.oauth.access.policy.PolicyFile;
import io.nexus.oauth.connect.theme.Themes;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.crypto.Keyring;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.quarkus.runtime.LaunchMode;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import jakarta.inject.Inject;
import jakarta.inject.Provider;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.Config;
import org.jboss.logging.Logger;

/**
 * Checks the settings at the start, before other beans and before the first request. Reports all findings together, each with
 * its key and a remedy. In production an unsafe setting stops the start, unless the operator accepts its key in {@code
 * nexus.oauth.startup.accept}. Local mode skips most checks: it listens on loopback only and creates its own keys.
 */
@ApplicationScoped
class StartupChecks {

    private static final Logger LOG = Logger.getLogger(StartupChecks.class);

    /**
     * {@code production} or {@code local}. The default is {@code production}; with the embedded database the service sets {@code local}.
     * Production refuses to start with unsafe settings. Local mode serves this machine only.
     */
    private static final String MODE = "nexus.oauth.mode";

    /**
     * Keys whose findings you accept at the start, separated by commas. The service then logs those findings as warnings.
     * Only findings marked † can be accepted.
     */
    private static final String ACCEPT = "nexus.oauth.startup.accept";

    private final Settings settings;
    private final Clock clock;
    private final Supplier<Keyring> keyring;
    private final List<Part> parts;

    /**
     * A bean that checks its settings when it is created.
     *
     * @param key the key of a finding if the bean cannot be created
     * @param findings further findings; calling it creates the bean
     */
    record Part(String key, Supplier<List<Finding>> findings) {}

    @Inject
    StartupChecks(
            Config config,
            Clock clock,
            Provider<Keyring> keyring,
            Provider<ProviderCatalogue> catalogue,
            Provider<TimerChecks> timers,
            Provider<PolicyFile> policies,
            Provider<CallerTokens> callers,
            Provider<Themes> themes) {
        this(
                new Settings(config),
                clock,
                keyring::get,
                List.of(
                        new Part("quarkus.http.port", () -> portFindings(config)),
                        new Part(
                                "nexus.oauth.providers.files",
                                () -> providerFindings(new Settings(config), timers.get(), catalogue.get(), clock)),
                        new Part(
                                "nexus.oauth.access.policy-file",
                                () -> created(() -> policies.get().size())),
                        new Part(
                                "nexus.oauth.access.issuers",
                                () -> created(() -> callers.get().trusted())),
                        new Part("nexus.oauth.theme", () -> themeFindings(themes.get()))));
    }

    /** The development mode keeps its ports open while it starts the application anew. */
    private static List<Finding> portFindings(Config config) {
        return LaunchMode.current() == LaunchMode.NORMAL ? PortChecks.findings(new Settings(config)) : List.of();
    }

    /** Also checks {@code parts}; the failure of a part is a finding. */
    StartupChecks(Settings settings, Clock clock, Supplier<Keyring> keyring, List<Part> parts) {
        this.settings = settings;
        this.clock = clock;
        this.keyring = keyring;
        this.parts = parts;
    }

    /** Runs before all other observers, because those would stop at the first fault of their own. */
    void check(@Observes @Priority(1) Startup event) {
        List<Finding> findings = findings();
        findings.stream().filter(finding -> !finding.stops()).forEach(finding -> LOG.warn(finding.line()));
        List<String> stopping =
                findings.stream().filter(Finding::stops).map(Finding::line).toList();
        if (!stopping.isEmpty()) {
            throw new ConfigurationException("Nexus OAuth does not start with these settings (" + stopping.size()
                    + "):\n  " + String.join("\n  ", stopping));
        }
    }

    List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        String mode = settings.text(MODE).orElse("production");
        if (!Set.of("production", "local").contains(mode)) {
            findings.add(fatal(MODE, "must be production or local", "Remove it for production"));
        }
        parts.forEach(part -> findings.addAll(findingsOf(part)));
        if (mode.equals("local")) {
            String host = settings.text("quarkus.http.host").orElse("0.0.0.0");
            if (!Settings.isLoopback(host)) {
                findings.add(fatal(
                        "quarkus.http.host",
                        "must be a loopback address in local mode, not " + host,
                        "Set it to 127.0.0.1"));
            }
            return findings;
        }
        findings.addAll(SettingChecks.findings(settings));
        findings.addAll(ClientCertificateChecks.findings(settings));
        findings.addAll(DatabaseChecks.findings(settings));
        findings.addAll(FileChecks.findings(settings, clock));
        findings.addAll(keyringFindings());
        return accepted(findings);
    }

    private List<Finding> accepted(List<Finding> findings) {
        Set<String> keys = Set.copyOf(settings.list(ACCEPT));
        List<Finding> rest = findings.stream()
                .map(each ->
                        each.weight() == Finding.Weight.SEVERE && keys.contains(each.key()) ? each.accepted() : each)
                .collect(Collectors.toCollection(ArrayList::new));
        Set<String> found = findings.stream().map(Finding::key).collect(Collectors.toSet());
        keys.stream()
                .filter(key -> !found.contains(key))
                .sorted()
                .forEach(key -> rest.add(
                        Finding.warning(ACCEPT, key + " is accepted, but has no finding", "Remove it from the list")));
        return rest;
    }

    private List<Finding> keyringFindings() {
        String key = "nexus.oauth.encryption.key-files";
        String remedy = "Create one with openssl rand -base64 32 | tr '+/' '-_'";
        try {
            return keyring.get().holdsGuessableKey()
                    ? List.of(fatal(key, "holds a key that is published or not random", remedy))
                    : List.of();
        } catch (IllegalStateException | CryptoException e) {
            return List.of(fatal(key, String.valueOf(e.getMessage()), remedy));
        }
    }

    /** The findings of a part; if it cannot be created, its exception message is the finding. */
    private static List<Finding> findingsOf(Part part) {
        try {
            return part.findings().get();
        } catch (IllegalStateException | IllegalArgumentException | ConfigurationException e) {
            String text = String.valueOf(e.getMessage()).replaceFirst("^" + Pattern.quote(part.key()) + ":? ", "");
            return List.of(fatal(part.key(), text, "Correct this setting"));
        }
    }

    private static List<Finding> providerFindings(
            Settings settings, TimerChecks timers, ProviderCatalogue catalogue, Clock clock) {
        List<ProviderProfile> profiles =
                catalogue.all().stream().map(OAuthProvider::profile).toList();
        List<Finding> findings = new ArrayList<>(timers.findings());
        findings.addAll(PrivateHostChecks.findings(settings, profiles));
        findings.addAll(ConnectionChecks.findings(
                settings, id -> catalogue.find(id).map(OAuthProvider::profile), catalogue::oidcClientFault));
        findings.addAll(
                ClientChecks.findings(settings, id -> catalogue.find(id).map(OAuthProvider::profile), clock.instant()));
        return findings;
    }

    private static List<Finding> themeFindings(Themes themes) {
        return themes.faults().entrySet().stream()
                .map(each -> fatal(each.getKey(), each.getValue(), "Correct or remove this setting"))
                .toList();
    }

    /** Creates a bean by a call to it; the bean has no further findings. */
    private static List<Finding> created(Runnable call) {
        call.run();
        return List.of();
    }
}
