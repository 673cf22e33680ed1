package io.nexus.oauth.monitor.startup;

import static io.nexus.oauth.monitor.startup.Finding.fatal;
import static io.nexus.oauth.monitor.startup.Finding.severe;
import static io.nexus.oauth.monitor.startup.Finding.warning;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Looks at the files that the settings name: who may read those with secrets, and whether certificates count today. */
final class FileChecks {

    /** Files with keys and secrets; those of mounted tokens are the platform's. */
    private static final Pattern SECRETS =
            Pattern.compile("nexus\\.oauth\\.(encryption\\.key-files(\\[\\d+])?|access\\.bootstrap-key-file"
                    + "|clients\\..*\\.(second-)?client-secret-file)");

    private static final Pattern AUTHORITIES =
            Pattern.compile("nexus\\.oauth\\.(providers|access\\.issuers\\..*)\\.ca-file");

    private static final Duration SOON = Duration.ofDays(30);

    private final Clock clock;
    private final List<Finding> findings = new ArrayList<>();

    private FileChecks(Clock clock) {
        this.clock = clock;
    }

    static List<Finding> findings(Settings settings, Clock clock) {
        FileChecks checks = new FileChecks(clock);
        settings.keys(SECRETS).forEach(key -> settings.list(key).forEach(file -> checks.reader(key, Path.of(file))));
        settings.keys(AUTHORITIES)
                .forEach(key -> settings.text(key).ifPresent(file -> checks.authority(key, Path.of(file))));
        return checks.findings;
    }

    /** Whether a file can be read at all, those who read it say themselves. */
    private void reader(String key, Path file) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (permissions.contains(PosixFilePermission.OTHERS_READ)
                    || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
                findings.add(severe(
                        key,
                        file + " is open to every user of this machine",
                        "chmod 0400 (in Kubernetes: defaultMode 0440 and an fsGroup)"));
            }
        } catch (IOException | UnsupportedOperationException e) {
            // missing, or on a file system that knows no such permissions
        }
    }

    private void authority(String key, Path file) {
        List<X509Certificate> all;
        try (InputStream in = Files.newInputStream(file)) {
            all = CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                    .filter(X509Certificate.class::isInstance)
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (IOException | CertificateException e) {
            findings.add(fatal(key, file + " cannot be read as certificates", "Name a PEM file with authorities"));
            return;
        }
        if (all.isEmpty()) {
            findings.add(fatal(key, file + " holds no certificate", "Name a PEM file with authorities"));
            return;
        }
        validity(key, file, all);
    }

    private void validity(String key, Path file, List<X509Certificate> all) {
        Instant now = clock.instant();
        List<X509Certificate> valid = all.stream()
                .filter(each -> !now.isBefore(each.getNotBefore().toInstant())
                        && now.isBefore(each.getNotAfter().toInstant()))
                .toList();
        if (valid.isEmpty()) {
            X509Certificate first = all.getFirst();
            findings.add(severe(
                    key,
                    "no certificate in " + file + " counts today: "
                            + first.getNotBefore().toInstant() + " to "
                            + first.getNotAfter().toInstant(),
                    "Renew the authority's certificate"));
        } else if (valid.size() < all.size()) {
            findings.add(warning(key, "a certificate in " + file + " has ended or not begun", "Take it out"));
        } else if (valid.stream()
                .anyMatch(each -> each.getNotAfter().toInstant().isBefore(now.plus(SOON)))) {
            findings.add(warning(key, "a certificate in " + file + " ends within 30 days", "Renew it"));
        }
    }
}
