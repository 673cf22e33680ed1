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
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** An HTTP client of the service's API; its methods block. It follows no redirect, so the key reaches only the named server. */
public final class ApiClient {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** Longer than the longest {@code max_wait} that the service allows. */
    private static final Duration RESPONSE_TIMEOUT = Duration.ofSeconds(90);

    private final Shell shell;
    private final Settings settings;
    private final HttpClient http;

    public ApiClient(Shell shell, Settings settings) {
        this.shell = shell;
        this.settings = settings;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .sslContext(
                        "https".equals(settings.server().getScheme())
                                ? ServerTrust.of(shell, settings.caFile())
                                : ServerTrust.none())
                .build();
    }

    public URI server() {
        return settings.server();
    }

    public @Nullable String tenant() {
        return settings.tenant();
    }

    public JsonNode get(String path, Map<String, String> query) {
        return body(send(request(path, query).GET()));
    }

    public JsonNode post(String path, @Nullable Object body) {
        return post(path, Map.of(), body);
    }

    public JsonNode post(String path, Map<String, String> query, @Nullable Object body) {
        return body(send(with(body, request(path, query), "POST")));
    }

    public JsonNode put(String path, Object body) {
        return body(send(with(body, request(path, Map.of()), "PUT")));
    }

    public void delete(String path) {
        send(request(path, Map.of()).DELETE());
    }

    /** Streams a long answer. The caller closes the stream. */
    public InputStream stream(HttpRequest.Builder request) {
        HttpResponse<InputStream> response = exchange(() -> awaitHeaders(request.build()));
        if (response.statusCode() / 100 != 2) {
            try (InputStream body = response.body()) {
                throw Problems.of(response.statusCode(), response.headers(), body.readNBytes(64 * 1024));
            } catch (IOException e) {
                throw Problems.of(response.statusCode(), response.headers(), new byte[0]);
            }
        }
        return response.body();
    }

    /** The answer, whatever its status. */
    public HttpResponse<byte[]> ask(HttpRequest.Builder request) {
        HttpRequest whole = request.timeout(RESPONSE_TIMEOUT).build();
        return exchange(() -> http.send(whole, BodyHandlers.ofByteArray()));
    }

    public HttpRequest.Builder request(String path, Map<String, String> query) {
        return request(path, query, null);
    }

    /** A request for {@code tenant}, or for the one of the settings when that is null. */
    public HttpRequest.Builder request(String path, Map<String, String> query, @Nullable String tenant) {
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
        return HttpRequest.newBuilder(
                        URI.create(settings.server() + "/api/v1" + path + (text.isEmpty() ? "" : "?" + text)))
                .header("Authorization", login.header(shell))
                .header("Accept", "application/json, application/problem+json")
                .header("User-Agent", "nexus-oauth-cli/" + Version.text());
    }

    /** {@code request} with {@code body} as JSON, or with none. */
    public static HttpRequest.Builder with(@Nullable Object body, HttpRequest.Builder request, String method) {
        return body == null
                ? request.method(method, BodyPublishers.noBody())
                : request.header("Content-Type", "application/json")
                        .method(method, BodyPublishers.ofString(Json.write(body)));
    }

    /** {@code text} as a part of a path. */
    public static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) {
        HttpResponse<byte[]> response = ask(request);
        if (response.statusCode() / 100 != 2) {
            throw Problems.of(response.statusCode(), response.headers(), response.body());
        }
        return response;
    }

    /** Bounds the wait for the headers only: since Java 26 a timeout of the request bounds the whole body. */
    private HttpResponse<InputStream> awaitHeaders(HttpRequest request) throws IOException, InterruptedException {
        var pending = http.sendAsync(request, BodyHandlers.ofInputStream());
        try {
            return pending.get(RESPONSE_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            pending.cancel(true);
            throw new HttpTimeoutException("request timed out");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException failed) {
                throw failed;
            }
            throw new IllegalStateException("a request could not be sent", e);
        }
    }

    /** One HTTP exchange. */
    private interface Exchange<T> {

        HttpResponse<T> begin() throws IOException, InterruptedException;
    }

    private <T> HttpResponse<T> exchange(Exchange<T> exchange) {
        try {
            return exchange.begin();
        } catch (ConnectException e) {
            boolean unknown = e.getCause() instanceof UnresolvedAddressException;
            throw new CommandFailure(
                    unknown ? ExitCode.FAILED : ExitCode.UNAVAILABLE,
                    "cannot connect to " + settings.server() + ": check the address and whether the service runs");
        } catch (SSLException e) {
            String server = settings.server().toString();
            boolean plain = String.valueOf(e.getMessage()).contains("plaintext connection");
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
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCode.FAILED, "interrupted");
        }
    }

    private JsonNode body(HttpResponse<byte[]> response) {
        if (response.body().length == 0) {
            return JsonNodeFactory.instance.nullNode();
        }
        try {
            return Json.parse(response.body());
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, settings.server() + " gave no valid answer: check the address");
        }
    }
}
