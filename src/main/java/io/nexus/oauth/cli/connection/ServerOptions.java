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

/** Which service, as whom. A flag beats the environment, and that beats what is stored. */
public final class ServerOptions {

    private static final String LOCAL = "http://127.0.0.1:8080";

    @Option(names = "--server", paramLabel = "URL", description = "The service (NEXUS_SERVER).")
    private @Nullable String server;

    @Option(names = "--context", paramLabel = "NAME", description = "A stored context, see 'nexus oauth context'.")
    private @Nullable String context;

    @Option(
            names = {"--tenant-id", "--tenant"},
            paramLabel = "TENANT",
            description = "The tenant to act in, for callers that may act in several (NEXUS_TENANT).")
    private @Nullable String tenant;

    @Option(
            names = "--ca-file",
            paramLabel = "FILE",
            description = "PEM file with the authorities that may vouch for the service, instead of Java's.")
    private @Nullable String caFile;

    /** The service that these options name. Fails when they name none, or nobody to be there. */
    ApiClient api(Shell shell) {
        return new ApiClient(shell, settings(shell));
    }

    Settings settings(Shell shell) {
        Optional<Context> stored = stored(shell);
        URI storedServer = stored.map(found -> uri(found.server())).orElse(URI.create(LOCAL));
        URI uri = server(shell).map(ServerOptions::uri).orElse(storedServer);
        // a stored secret is for the server it was stored with, and never travels to another one
        boolean same = uri.equals(storedServer);
        Optional<Login> login = Login.ofEnvironment(shell)
                .or(() -> same ? stored.flatMap(Context::login) : Optional.empty())
                .or(() -> stored.isEmpty() && isLoopback(uri) ? ofLocalMode(shell) : Optional.empty());
        String ca = caFile != null ? caFile : same ? stored.map(Context::caFile).orElse(null) : null;
        return new Settings(uri, named(shell, same ? stored : Optional.empty()), login.orElse(null), ca);
    }

    private Optional<Context> stored(Shell shell) {
        Contexts contexts = Contexts.of(shell);
        return context == null ? contexts.inUse() : Optional.of(contexts.get(context));
    }

    private @Nullable String named(Shell shell, Optional<Context> stored) {
        return Optional.ofNullable(tenant)
                .or(() -> shell.env("NEXUS_TENANT"))
                .or(() -> stored.map(Context::tenant))
                .orElse(null);
    }

    /** What a service in local mode on this machine has made for its user. */
    private static Optional<Login> ofLocalMode(Shell shell) {
        Path key = shell.home().resolve(".nexus-oauth").resolve("api-key");
        return Files.isReadable(key) ? Optional.of(Login.ofFile(key.toString())) : Optional.empty();
    }

    /** The server that the flag or the environment names. */
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

    /** {@code text} as the base of the service's addresses. */
    public static URI uri(String text) {
        try {
            URI uri = new URI(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
            boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
            if (web && uri.getHost() != null && uri.getUserInfo() == null && uri.getQuery() == null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // it is said below
        }
        throw CommandFailure.usage(text + " is no address of a service: it has to look like https://oauth.example.com");
    }

    /**
     * What they come to.
     *
     * @param server the base of the service's addresses
     * @param tenant the tenant to name, or null
     * @param login what we prove ourselves with, or null
     * @param caFile the authorities to believe, or null
     */
    public record Settings(
            URI server,
            @Nullable String tenant,
            @Nullable Login login,
            @Nullable String caFile) {}
}
