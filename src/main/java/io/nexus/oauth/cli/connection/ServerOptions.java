package io.nexus.oauth.cli.connection;

import io.nexus.oauth.cli.connection.Contexts.Context;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.Shell;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The service, tenant and login of a command. Options win over the environment, and the environment over the context. */
public final class ServerOptions {

    private static final String LOCAL = "http://127.0.0.1:8080";

    @Option(names = "--server", paramLabel = "URL", description = "The base URL of the service (NEXUS_SERVER).")
    private @Nullable String server;

    @Option(
            names = "--context",
            paramLabel = "NAME",
            description = "The stored context to use, see 'nexus oauth context'.")
    private @Nullable String context;

    @Option(
            names = {"--tenant-id", "--tenant"},
            paramLabel = "TENANT",
            description = "The tenant, for callers with access to several (NEXUS_TENANT).")
    private @Nullable String tenant;

    @Option(
            names = "--ca-file",
            paramLabel = "FILE",
            description = "A PEM file with the certificate authorities to trust instead of Java's.")
    private @Nullable String caFile;

    /** A client of the service that these options name. */
    ApiClient api(Shell shell) {
        return new ApiClient(shell, settings(shell));
    }

    Settings settings(Shell shell) {
        Optional<Context> stored = stored(shell);
        URI storedServer = stored.map(found -> uri(found.server())).orElse(URI.create(LOCAL));
        URI uri = server(shell).map(ServerOptions::uri).orElse(storedServer);
        // a stored secret is sent only to the server of its context
        boolean sameServer = uri.equals(storedServer);
        Optional<Login> login = Login.ofEnvironment(shell)
                .or(() -> sameServer ? stored.flatMap(Context::login) : Optional.empty())
                .or(() -> stored.isEmpty() && isLoopback(uri) ? ofLocalMode(shell) : Optional.empty());
        String ca = caFile != null
                ? caFile
                : sameServer ? stored.map(Context::caFile).orElse(null) : null;
        return new Settings(uri, tenant(shell, sameServer ? stored : Optional.empty()), login.orElse(null), ca);
    }

    private Optional<Context> stored(Shell shell) {
        Contexts contexts = Contexts.of(shell);
        return context == null ? contexts.inUse() : Optional.of(contexts.get(context));
    }

    private @Nullable String tenant(Shell shell, Optional<Context> stored) {
        return Optional.ofNullable(tenant)
                .or(() -> shell.env("NEXUS_TENANT"))
                .or(() -> stored.map(Context::tenant))
                .orElse(null);
    }

    /** The API key that a service in local mode on this machine wrote for its user. */
    private static Optional<Login> ofLocalMode(Shell shell) {
        Path key = shell.home().resolve(".nexus-oauth").resolve("api-key");
        return Files.isReadable(key) ? Optional.of(Login.ofFile(key.toString())) : Optional.empty();
    }

    /** The server that the option or the environment names. */
    public Optional<String> server(Shell shell) {
        return Optional.ofNullable(server).or(() -> shell.env("NEXUS_SERVER"));
    }

    public @Nullable String context() {
        return context;
    }

    public @Nullable String tenant() {
        return tenant;
    }

    public @Nullable String caFile() {
        return caFile;
    }

    public static boolean isLoopback(URI uri) {
        String host = String.valueOf(uri.getHost());
        return host.equals("localhost") || host.matches("127(\\.[0-9]{1,3}){3}") || host.equals("[::1]");
    }

    /** {@code text} as the base URL of the service. Fails with {@link ExitCode#USAGE} when it is none. */
    public static URI uri(String text) {
        try {
            URI uri = new URI(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
            boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
            if (web && uri.getHost() != null && uri.getUserInfo() == null && uri.getQuery() == null) {
                return service(uri);
            }
        } catch (URISyntaxException e) {
            // reported below
        }
        throw CommandFailure.usage(text + " is not a valid service URL, such as https://oauth.example.com");
    }

    /** People copy addresses of the API and of the pages; the commands add the path of the API themselves. */
    private static URI service(URI uri) {
        String path = String.valueOf(uri.getPath());
        if (path.endsWith("/api/v1") || path.endsWith("/ui")) {
            throw CommandFailure.usage(uri + " is an address inside the service: name the service itself, "
                    + uri.toString().replaceFirst("/(api/v1|ui)$", ""));
        }
        return uri;
    }

    /**
     * The settings of a connection.
     *
     * @param server the base URL of the service
     * @param tenant the tenant of requests, or null for the caller's own
     * @param login the API key or token, or null
     * @param caFile the PEM file of trusted certificate authorities, or null for Java's
     */
    public record Settings(
            URI server,
            @Nullable String tenant,
            @Nullable Login login,
            @Nullable String caFile) {

        Settings of(String otherTenant) {
            return new Settings(server, otherTenant, login, caFile);
        }
    }
}
