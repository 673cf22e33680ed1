package io.nexus.oauth.monitor.startup;

import static io.nexus.oauth.monitor.startup.Finding.fatal;
import static io.nexus.oauth.monitor.startup.Finding.severe;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks the connection to the database. Tokens are sealed before they are sent to it, but user names and the login are not.
 */
final class DatabaseChecks {

    private static final String REACTIVE = "quarkus.datasource.reactive.url";
    private static final String JDBC = "quarkus.datasource.jdbc.url";
    private static final Pattern MODE = Pattern.compile("[?&]sslmode=([^&]*)");
    private static final Set<String> VERIFYING = Set.of("verify-full", "verify-ca");
    private static final String REMEDY =
            "Add ?sslmode=verify-full, set quarkus.datasource.reactive.trust-certificate-pem.certs and verify the host name";

    private DatabaseChecks() {}

    static List<Finding> findings(Settings settings) {
        List<Finding> findings = new ArrayList<>();
        if (settings.source(REACTIVE).equals("nexus-oauth-embedded")
                && settings.source(JDBC).equals("nexus-oauth-embedded")) {
            findings.add(fatal(
                    REACTIVE,
                    "is not set; the embedded database is for local mode only",
                    "Set it to postgresql://host:5432/database"));
            return findings;
        }
        Optional<String> byProperty = settings.text("quarkus.datasource.reactive.postgresql.ssl-mode");
        settings.text(REACTIVE)
                .filter(url -> byProperty.isEmpty() || !isVerifying(byProperty))
                .ifPresent(url -> check(REACTIVE, url, findings));
        settings.text(JDBC)
                .filter(url -> !settings.source(JDBC).equals("nexus-oauth-embedded"))
                .ifPresent(url -> check(JDBC, url, findings));
        return findings;
    }

    private static void check(String key, String url, List<Finding> findings) {
        Matcher mode = MODE.matcher(url);
        Optional<String> named = mode.find() ? Optional.of(mode.group(1)) : Optional.empty();
        if (!isLocal(url) && !isVerifying(named)) {
            findings.add(severe(
                    key,
                    "does not verify the database's certificate (sslmode " + named.orElse("not set") + ")",
                    REMEDY));
        }
    }

    private static boolean isVerifying(Optional<String> mode) {
        return mode.map(text -> text.toLowerCase(java.util.Locale.ROOT))
                .filter(VERIFYING::contains)
                .isPresent();
    }

    private static boolean isLocal(String url) {
        return Settings.uri(url.replaceFirst("^(jdbc|vertx-reactive):", ""))
                .map(URI::getHost)
                .filter(Settings::isLoopback)
                .isPresent();
    }
}
