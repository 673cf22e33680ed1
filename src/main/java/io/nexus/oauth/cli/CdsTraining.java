package io.nexus.oauth.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.nexus.oauth.api.CredentialView;
import io.nexus.oauth.api.Problem;
import io.nexus.oauth.api.TokenView;
import io.nexus.oauth.cli.connection.ServerTrust;
import io.nexus.oauth.cli.terminal.Json;
import io.nexus.oauth.cli.terminal.OutputOptions;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Terminal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

/**
 * Loads the classes that most commands use, before Java writes its AOT cache or class data sharing archive. Without it the archive would hold
 * only the classes of the command that ran first. Prints nothing and connects to itself only.
 */
final class CdsTraining {

    private static final String CREDENTIAL = """
            {"id": "00000000-0000-0000-0000-000000000000", "provider": "p", "user": "u", "tenant": "t", "state": "valid", "status": "active",
             "expires_at": "2026-01-01T00:00:00Z", "scopes": ["s"], "refresh": {"failures": 0}, "metadata": {},
             "created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}""";

    private CdsTraining() {}

    static void run() {
        try {
            Shell nowhere = new Shell(
                    Map.of("HOME", "/nonexistent", "NEXUS_API_KEY", "training"),
                    new Terminal(false, true, false, true, true, 80),
                    new ByteArrayInputStream(new byte[0]),
                    new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                    new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                    Clock.system(ZoneOffset.UTC));
            JsonNode credential = Json.parse(CREDENTIAL.getBytes(StandardCharsets.UTF_8));
            for (String format : List.of("table", "json", "yaml", "name")) {
                OutputOptions output = new OutputOptions();
                new picocli.CommandLine(output)
                        .setCaseInsensitiveEnumValuesAllowed(true)
                        .parseArgs("-o", format);
                output.print(nowhere, Listings.CREDENTIALS, List.of(credential).iterator());
            }
            new ObjectMapper(new YAMLFactory()).readTree("current: a\ncontexts:\n  a: {server: 'http://a', tenant: t}");
            Json.read(credential, CredentialView.class);
            Json.read(Json.parse("{}".getBytes(StandardCharsets.UTF_8)), TokenView.class);
            Json.MAPPER.readValue("{\"title\": \"t\"}", Problem.class);
            ServerTrust.of(nowhere, null).getSocketFactory();
            list(nowhere);
        } catch (IOException | RuntimeException e) {
            // training only makes the next start faster
        }
    }

    /** Runs {@code list} with a service of one answer, so that the classes of a whole exchange are loaded. */
    private static void list(Shell nowhere) throws IOException {
        try (ServerSocket service = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            service.setSoTimeout(5_000);
            Thread.ofPlatform().daemon().start(() -> answer(service));
            String[] list = {"oauth", "list", "--server", "http://127.0.0.1:" + service.getLocalPort()};
            Commands.of(nowhere, list).execute(list);
        }
    }

    private static void answer(ServerSocket service) {
        String page = "{\"items\": [" + CREDENTIAL + "], \"next\": null}";
        try (Socket caller = service.accept()) {
            caller.setSoTimeout(5_000);
            if (caller.getInputStream().read(new byte[8_192]) > 0) {
                caller.getOutputStream()
                        .write(("HTTP/1.1 200 OK\r\nContent-Length: " + page.length() + "\r\n\r\n" + page)
                                .getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException e) {
            // training only makes the next start faster
        }
    }
}
