package io.nexus.oauth.monitor.startup;

import static io.nexus.oauth.monitor.startup.Finding.fatal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Checks that client certificates are verified against the operator's own authorities, and that callers cannot bypass them. */
final class ClientCertificateChecks {

    private static final String KEY = "nexus.oauth.access.client-certificates";
    private static final String CERTIFICATE = "quarkus.http.ssl.certificate.";

    private final Settings settings;

    private ClientCertificateChecks(Settings settings) {
        this.settings = settings;
    }

    static List<Finding> findings(Settings settings) {
        String wanted = settings.text(KEY).orElse("none").toLowerCase(Locale.ROOT);
        return wanted.equals("none") ? List.of() : new ClientCertificateChecks(settings).of(wanted);
    }

    private List<Finding> of(String wanted) {
        List<Finding> findings = new ArrayList<>();
        if (!hasTrustStore()) {
            findings.add(fatal(
                    KEY,
                    "there is no trust store, so any public authority could issue a caller's certificate",
                    "Set " + CERTIFICATE + "trust-store-file to a store that holds only your authority"));
        }
        if (settings.value(tls() + "trust-all", Boolean.class).orElse(false)) {
            findings.add(fatal(KEY, "trust-all accepts certificates that anyone can create", "Remove trust-all"));
        }
        if (wanted.equals("required")
                && settings.text("quarkus.http.insecure-requests")
                        .orElse("enabled")
                        .equalsIgnoreCase("enabled")) {
            findings.add(fatal(
                    KEY,
                    "the plain HTTP port requires no client certificate",
                    "Set quarkus.http.insecure-requests to disabled"));
        }
        return findings;
    }

    private boolean hasTrustStore() {
        Stream<String> own = registered().isPresent()
                ? Stream.empty()
                : Stream.of(CERTIFICATE + "trust-store-file", CERTIFICATE + "trust-store-files");
        Stream<String> shared =
                Stream.of("pem.certs", "p12.path", "jks.path").map(kind -> tls() + "trust-store." + kind);
        return Stream.concat(own, shared).anyMatch(key -> !settings.list(key).isEmpty());
    }

    private String tls() {
        return registered().map(name -> "quarkus.tls." + name + ".").orElse("quarkus.tls.");
    }

    private Optional<String> registered() {
        return settings.text("quarkus.http.tls-configuration-name");
    }
}
