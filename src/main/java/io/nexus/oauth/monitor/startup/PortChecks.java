package io.nexus.oauth.monitor.startup;

import static io.nexus.oauth.monitor.startup.Finding.fatal;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** Checks that the ports of the service and of its management are free. Opens each for a moment; blocks. */
final class PortChecks {

    private PortChecks() {}

    static List<Finding> findings(Settings settings) {
        boolean plain = !settings.text("quarkus.http.insecure-requests")
                .filter("disabled"::equalsIgnoreCase)
                .isPresent();
        return Stream.of(
                        plain
                                ? fault(settings, "quarkus.http.host", "quarkus.http.port", 8080)
                                : fault(settings, "quarkus.http.host", "quarkus.http.ssl-port", 8443),
                        fault(settings, "quarkus.management.host", "quarkus.management.port", 9000))
                .flatMap(Optional::stream)
                .toList();
    }

    private static Optional<Finding> fault(Settings settings, String hostKey, String portKey, int usual) {
        String host = settings.text(hostKey).orElse("0.0.0.0");
        int port = settings.value(portKey, Integer.class).orElse(usual);
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getByName(host), port));
            return Optional.empty();
        } catch (BindException e) {
            return Optional.of(fatal(
                    portKey,
                    "port " + port + " of " + host + " cannot be opened: " + e.getMessage(),
                    "End the process that uses the port, or set " + portKey + " ("
                            + portKey.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_')
                            + ") to another port"));
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty(); // the HTTP server reports hosts that do not exist and ports that are no ports
        }
    }
}
