package io.nexus.oauth.cli.connection;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.nexus.oauth.cli.connection.ServerOptions.Settings;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Json;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Version;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocketFactory;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP client of the service's API; its methods block. It follows no redirect, so the key reaches only the named server.
 *
 * <p>{@link HttpURLConnection} costs a command 20 ms of processor time. {@code java.net.http} costs 200: it sets up TLS for plain HTTP, too.
 */
public final class ApiClient {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** Longer than the longest {@code max_wait} that the service allows. */
    private static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(90);

    private static final int MAX_PROBLEM_BYTES = 64 * 1024;

    static {
        // a request that changes something is sent once, even if its connection was closed meanwhile
        System.setProperty("sun.net.http.retryPost", "false");
    }

    private final Shell shell;
    private final Settings settings;
    private final @Nullable SSLSocketFactory tls;

    public ApiClient(Shell shell, Settings settings) {
        this.shell = shell;
        this.settings = settings;
        this.tls = "https".equals(settings.server().getScheme())
                ? ServerTrust.of(shell, settings.caFile()).getSocketFactory()
                : null;
    }

    public URI server() {
        return settings.server();
    }

    public @Nullable String tenant() {
        return settings.tenant();
    }

    public JsonNode get(String path, Map<String, String> query) {
        return body(send(request(path, query)));
    }

    public JsonNode post(String path, @Nullable Object body) {
        return post(path, Map.of(), body);
    }

    public JsonNode post(String path, Map<String, String> query, @Nullable Object body) {
        return body(send(request(path, query).by("POST", body)));
    }

    public JsonNode put(String path, Object body) {
        return body(send(request(path, Map.of()).by("PUT", body)));
    }

    public void delete(String path) {
        send(request(path, Map.of()).by("DELETE"));
    }

    /** Streams a long answer. The caller closes the stream. */
    public InputStream stream(ApiRequest request) {
        return exchange(() -> {
            HttpURLConnection connection = begin(request);
            ApiAnswer head = answer(connection, "");
            if (!head.isSuccess()) {
                throw Problems.of(answer(connection, text(connection.getErrorStream(), MAX_PROBLEM_BYTES)));
            }
            return connection.getInputStream();
        });
    }

    /** The answer, whatever its status. */
    public ApiAnswer ask(ApiRequest request) {
        return exchange(() -> {
            HttpURLConnection connection = begin(request);
            boolean failed = connection.getResponseCode() >= 400;
            InputStream body = failed ? connection.getErrorStream() : connection.getInputStream();
            return answer(connection, text(body, Integer.MAX_VALUE));
        });
    }

    public ApiRequest request(String path, Map<String, String> query) {
        return request(path, query, null);
    }

    /** A GET request for {@code tenant}, or for the one of the settings when that is null. */
    public ApiRequest request(String path, Map<String, String> query, @Nullable String tenant) {
        Login login = settings.login();
        if (login == null) {
            throw new CommandFailure(
                    ExitCode.NOT_ALLOWED,
                    "not logged in to " + settings.server()
                            + ": run nexus oauth login, or set NEXUS_API_KEY_FILE or NEXUS_TOKEN_FILE");
        }
        Map<String, String> all = new LinkedHashMap<>(query);
        String named = tenant != null ? tenant : settings.tenant();
        if (named != null) {
            all.put("tenant", named);
        }
        String text = all.entrySet().stream()
                .map(entry -> encode(entry.getKey()) + "=" + encode(entry.getValue()))
                .collect(Collectors.joining("&"));
        return ApiRequest.get(
                URI.create(settings.server() + "/api/v1" + path + (text.isEmpty() ? "" : "?" + text)),
                Map.of(
                        "Authorization",
                        login.header(shell),
                        "Accept",
                        "application/json, application/problem+json",
                        "User-Agent",
                        "nexus-oauth-cli/" + Version.text()));
    }

    /** {@code text} as a part of a path. */
    public static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private ApiAnswer send(ApiRequest request) {
        ApiAnswer answer = ask(request);
        if (!answer.isSuccess()) {
            throw Problems.of(answer);
        }
        return answer;
    }

    /** Sends {@code request}. The limit is for each wait: a long answer may take longer. */
    private HttpURLConnection begin(ApiRequest request) throws IOException {
        HttpURLConnection connection = (HttpURLConnection) request.uri().toURL().openConnection();
        if (connection instanceof HttpsURLConnection secure && tls != null) {
            secure.setSSLSocketFactory(tls);
        }
        connection.setConnectTimeout((int) CONNECT_TIMEOUT.toMillis());
        connection.setReadTimeout((int) RESPONSE_TIMEOUT.toMillis());
        connection.setInstanceFollowRedirects(false);
        connection.setUseCaches(false);
        connection.setRequestMethod(request.method());
        request.headers().forEach(connection::setRequestProperty);
        String body = request.body();
        if (body != null || request.method().equals("POST")) {
            connection.setDoOutput(true);
            connection.getOutputStream().write((body == null ? "" : body).getBytes(StandardCharsets.UTF_8));
        }
        return connection;
    }

    private static ApiAnswer answer(HttpURLConnection connection, String body) throws IOException {
        return new ApiAnswer(connection.getResponseCode(), connection.getHeaderField("Retry-After"), body);
    }

    private static String text(@Nullable InputStream stream, int limit) throws IOException {
        try (InputStream body = stream) {
            return body == null ? "" : new String(body.readNBytes(limit), StandardCharsets.UTF_8);
        }
    }

    /** One HTTP exchange. */
    private interface Exchange<T> {

        T run() throws IOException;
    }

    private <T> T exchange(Exchange<T> exchange) {
        try {
            return exchange.run();
        } catch (UnknownHostException e) {
            throw unconnected(ExitCode.FAILED);
        } catch (ConnectException | NoRouteToHostException e) {
            throw unconnected(ExitCode.UNAVAILABLE);
        } catch (SSLException e) {
            String server = settings.server().toString();
            boolean plain = String.valueOf(e.getMessage()).contains("unrecognized SSL message");
            throw new CommandFailure(
                    ExitCode.FAILED,
                    plain
                            ? server
                                    + " answers without TLS: check the address, for example http:// in place of https://"
                            : "TLS to " + server + " failed (for a private certificate authority use --ca-file): "
                                    + e.getMessage());
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.UNAVAILABLE, "no answer from " + settings.server() + ": " + e.getMessage());
        }
    }

    private CommandFailure unconnected(int exitCode) {
        return new CommandFailure(
                exitCode,
                "cannot connect to " + settings.server() + ": check the address and whether the service runs");
    }

    private JsonNode body(ApiAnswer answer) {
        if (answer.body().isEmpty()) {
            return JsonNodeFactory.instance.nullNode();
        }
        try {
            return Json.parse(answer.body().getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, settings.server() + " gave no valid answer: check the address");
        }
    }
}
