package io.nexus.oauth.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.nexus.oauth.cli.connection.ApiClient;
import io.nexus.oauth.cli.connection.ServerOptions;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Json;
import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The browser of the people in the demonstration: it opens a connect link, answers the consent page of the sandbox and follows the
 * redirects. It visits this machine only. Its methods block.
 */
final class DemoBrowser {

    private static final Pattern REQUEST = Pattern.compile("name=\"request\" value=\"([\\w-]{1,100})\"");
    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .cookieHandler(new CookieManager())
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    /** The metadata of the sandbox of {@code server}; empty when that has no sandbox, so it does not run in local mode. */
    Optional<JsonNode> sandbox(URI server) {
        if (!ServerOptions.isLoopback(server)) {
            return Optional.empty();
        }
        HttpResponse<byte[]> answer =
                send(HttpRequest.newBuilder(URI.create(server + "/sandbox/.well-known/openid-configuration")));
        try {
            return answer.statusCode() == 200
                    ? Optional.of(Json.parse(answer.body())).filter(found -> found.hasNonNull("nexus_management"))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Opens {@code link} and allows the access for {@code account}. */
    void connect(String link, DemoAccount account) {
        HttpResponse<byte[]> page = send(HttpRequest.newBuilder(local(link + "/start")));
        Matcher request = REQUEST.matcher(new String(page.body(), StandardCharsets.UTF_8));
        if (page.statusCode() != 200 || !request.find()) {
            throw new CommandFailure(
                    ExitCode.FAILED, "the connect link of " + account.user() + " did not lead to the sandbox");
        }
        Map<String, String> form = new LinkedHashMap<>();
        form.put("request", request.group(1));
        form.put("account", account.user());
        form.put("decision", "allow");
        form.put("fault", account.fault());
        form.put("fault_seconds", text(account.faultSeconds()));
        form.put("lifetime_seconds", text(account.lifetimeSeconds()));
        String body = form.entrySet().stream()
                .map(field -> field.getKey() + "=" + ApiClient.encode(field.getValue()))
                .collect(Collectors.joining("&"));
        send(HttpRequest.newBuilder(page.uri().resolve("/sandbox/authorize"))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(body)));
    }

    private static URI local(String link) {
        URI uri = URI.create(link);
        if (!ServerOptions.isLoopback(uri)) {
            throw new CommandFailure(ExitCode.FAILED, "the connect links of the service do not lead to this machine");
        }
        return uri;
    }

    private static String text(@Nullable Long seconds) {
        return seconds == null ? "" : seconds.toString();
    }

    private HttpResponse<byte[]> send(HttpRequest.Builder request) {
        HttpRequest whole = request.timeout(TIMEOUT).build();
        try {
            return http.send(whole, BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new CommandFailure(
                    ExitCode.UNAVAILABLE,
                    "no service answers at " + whole.uri().resolve("/") + ": start one in local mode with "
                            + DemoCommand.START);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure(ExitCode.FAILED, "interrupted");
        }
    }
}
