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

/** Checks the files that the settings name: the permissions of secret files, and the validity of certificates. Blocks. */
final class FileChecks {

    /** Settings that name files with keys and secrets. The platform is responsible for the files of mounted tokens. */
    private static final Pattern SECRETS =
            Pattern.compile("nexus\\.oauth\\.(encryption\\.key-files(\\[\\d+])?|access\\.bootstrap-key-file"
                    + "|providers\\.proxy\\.credentials-file"
                    + "|clients\\..*\\.(second-)?(client-secret|private-key)-file)");

    private static final Pattern AUTHORITIES =
            Pattern.compile("nexus\\.oauth\\.(providers|access\\.issuers\\..*)\\.ca-file");

    private static final Duration EXPIRY_NOTICE = Duration.ofDays(30);

    private final Clock clock;
    private final List<Finding> findings = new ArrayList<>();

    private FileChecks(Clock clock) {
        this.clock = clock;
    }

    static List<Finding> findings(Settings settings, Clock clock) {
        FileChecks checks = new FileChecks(clock);
        settings.keys(SECRETS)
                .forEach(key -> settings.list(key).forEach(file -> checks.secretFile(key, Path.of(file))));
        settings.keys(AUTHORITIES)
                .forEach(key -> settings.text(key).ifPresent(file -> checks.authority(key, Path.of(file))));
        return checks.findings;
    }

    /** Checks only the permissions: the reader of a file reports if the file is missing. */
    private void secretFile(String key, Path file) {
        try {
            Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
            if (permissions.contains(PosixFilePermission.OTHERS_READ)
                    || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
                findings.add(severe(
                        key,
                        "every user of this machine can read or write " + file,
                        "Run chmod 0400 (in Kubernetes: set defaultMode 0440 and an fsGroup)"));
            }
        } catch (IOException | UnsupportedOperationException e) {
            // the file is missing, or its file system has no POSIX permissions
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
            findings.add(fatal(
                    key, file + " cannot be read as certificates", "Name a PEM file with certificates of authorities"));
            return;
        }
        if (all.isEmpty()) {
            findings.add(
                    fatal(key, file + " holds no certificate", "Name a PEM file with certificates of authorities"));
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
                    "no certificate in " + file + " is valid now; the first is valid from "
                            + first.getNotBefore().toInstant() + " to "
                            + first.getNotAfter().toInstant(),
                    "Renew the authority's certificate"));
        } else if (valid.size() < all.size()) {
            findings.add(warning(key, "a certificate in " + file + " has expired or is not valid yet", "Remove it"));
        } else if (valid.stream()
                .anyMatch(each -> each.getNotAfter().toInstant().isBefore(now.plus(EXPIRY_NOTICE)))) {
            findings.add(warning(key, "a certificate in " + file + " expires within 30 days", "Renew it"));
        }
    }
}
