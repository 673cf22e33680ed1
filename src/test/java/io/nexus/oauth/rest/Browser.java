package io.nexus.oauth.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A person's browser, as far as HTTP goes: it keeps cookies and follows nothing by itself. */
public final class Browser {

    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<String, String> cookies = new ConcurrentHashMap<>();

    public Map<String, String> cookies() {
        return cookies;
    }

    public HttpResponse<String> get(String url) {
        return send(request(url).build());
    }

    public HttpResponse<String> get(String url, String header, String value) {
        return send(request(url).header(header, value).build());
    }

    public CompletableFuture<HttpResponse<String>> getLater(String url) {
        return http.sendAsync(request(url).build(), BodyHandlers.ofString());
    }

    public HttpResponse<String> post(String url, Map<String, String> form) {
        return send(request(url)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form.entrySet().stream()
                        .map(field -> field.getKey() + "=" + encode(field.getValue()))
                        .collect(Collectors.joining("&"))))
                .build());
    }

    /** Opens a link and clicks on: the address at the provider that the browser is sent to. */
    public String depart(String link) {
        HttpResponse<String> page = get(link);
        assertThat(page.statusCode()).isEqualTo(200);
        return location(get(Api.publicUrl() + found("href=\"(/connect/[^\"]+/start)\"", page.body())));
    }

    /** Answers the sandbox's consent page: the address that the browser is sent back to. */
    public String answer(String authorization, String account, String decision) {
        HttpResponse<String> page = get(authorization);
        assertThat(page.statusCode()).isEqualTo(200);
        return location(post(
                Api.publicUrl() + "/sandbox/authorize",
                Map.of(
                        "request", found("name=\"request\" value=\"([\\w-]+)\"", page.body()),
                        "account", account,
                        "decision", decision)));
    }

    /** From the link to the provider's answer. */
    public String walk(String link, String account) {
        return answer(depart(link), account, "allow");
    }

    /** The whole way: the result page. */
    public HttpResponse<String> connect(String link, String account) {
        return get(location(get(walk(link, account))));
    }

    public static String location(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isIn(302, 303);
        return response.headers().firstValue("Location").orElseThrow();
    }

    public static String parameter(String url, String name) {
        return found("[?&]" + name + "=([^&]*)", url);
    }

    public static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String found(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as("%s in %s", pattern, text).isTrue();
        return matcher.group(1);
    }

    private HttpRequest.Builder request(String url) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
        if (!cookies.isEmpty()) {
            request.header(
                    "Cookie",
                    cookies.entrySet().stream()
                            .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                            .collect(Collectors.joining("; ")));
        }
        return request;
    }

    private HttpResponse<String> send(HttpRequest request) {
        try {
            HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
            response.headers().allValues("Set-Cookie").forEach(this::keep);
            return response;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void keep(String cookie) {
        String[] pair = cookie.split(";", 2)[0].split("=", 2);
        cookies.put(pair[0], pair[1]);
    }
}
