package io.nexus.oauth.monitor.startup;

import static io.nexus.oauth.monitor.startup.Finding.fatal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Looks whether client certificates are checked against authorities of the operator's, and whether there is a way around them. */
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
                    "there is no trust store, so every public authority could name a caller",
                    "Set " + CERTIFICATE + "trust-store-file to one with your authority alone"));
        }
        if (settings.value(tls() + "trust-all", Boolean.class).orElse(false)) {
            findings.add(fatal(KEY, "trust-all lets everybody make a certificate that counts", "Leave it out"));
        }
        if (wanted.equals("required")
                && settings.text("quarkus.http.insecure-requests")
                        .orElse("enabled")
                        .equalsIgnoreCase("enabled")) {
            findings.add(
                    fatal(KEY, "the plain HTTP port asks for none", "Set quarkus.http.insecure-requests to disabled"));
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
