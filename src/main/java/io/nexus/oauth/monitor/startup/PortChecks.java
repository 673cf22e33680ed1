package io.nexus.oauth.monitor.startup;

import static io.nexus.oauth.monitor.startup.Finding.fatal;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Checks that the ports of the service and of its management are free. Opens each for a moment; blocks. */
final class PortChecks {

    private static final Pattern CERTIFICATE = Pattern.compile("quarkus\\.http\\.ssl\\.certificate\\..+");

    private PortChecks() {}

    static List<Finding> findings(Settings settings) {
        List<Finding> findings = new ArrayList<>();
        boolean shared = settings.isTrue("quarkus.http.so-reuse-port");
        if (!shared && !isFalse(settings, "quarkus.http.host-enabled")) {
            if (!settings.text("quarkus.http.insecure-requests")
                    .filter("disabled"::equalsIgnoreCase)
                    .isPresent()) {
                fault(settings, "quarkus.http.host", "quarkus.http.port", 8080).ifPresent(findings::add);
            }
            if (hasCertificate(settings)) {
                fault(settings, "quarkus.http.host", "quarkus.http.ssl-port", 8443)
                        .ifPresent(findings::add);
            }
        }
        if (!isFalse(settings, "quarkus.management.host-enabled")) {
            fault(settings, "quarkus.management.host", "quarkus.management.port", 9000)
                    .ifPresent(findings::add);
        }
        return findings;
    }

    private static boolean isFalse(Settings settings, String key) {
        return settings.text(key).filter("false"::equalsIgnoreCase).isPresent();
    }

    private static boolean hasCertificate(Settings settings) {
        return settings.text("quarkus.http.tls-configuration-name").isPresent()
                || !settings.keys(CERTIFICATE).isEmpty();
    }

    private static Optional<Finding> fault(Settings settings, String hostKey, String portKey, int usual) {
        String host = settings.text(hostKey).orElse("0.0.0.0");
        int port = settings.value(portKey, Integer.class).orElse(usual);
        try (ServerSocket socket = new ServerSocket()) {
            InetAddress address = InetAddress.getByName(host);
            if (address.isAnyLocalAddress() || NetworkInterface.getByInetAddress(address) != null) {
                socket.bind(new InetSocketAddress(address, port));
            }
            return Optional.empty(); // the HTTP server reports an address that this machine does not have
        } catch (BindException e) {
            return Optional.of(fatal(
                    portKey,
                    "port " + port + " of " + host + " cannot be opened: " + e.getMessage(),
                    "End the process that uses the port, or set " + portKey + " ("
                            + portKey.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_')
                            + ") to another port"));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty(); // it also reports hosts that do not exist and ports that are no ports
        }
    }
}
