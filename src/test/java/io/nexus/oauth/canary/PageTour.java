package io.nexus.oauth.canary;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Somebody who signs in to the pages with an API key and sees what there is to see. The cookies are canaries. */
final class PageTour {

    private static final Pattern FORM_TOKEN = Pattern.compile("name=\"form_token\" value=\"([^\"]+)\"");
    private static final Pattern LINK = Pattern.compile("/connect/([A-Za-z0-9_-]{43})");

    private final HttpClient http;
    private final String base;
    private final Search search;
    private final Map<String, String> cookies = new HashMap<>();
    private final StringBuilder seen = new StringBuilder();
    private String formToken = "";

    PageTour(HttpClient http, String base, Search search) {
        this.http = http;
        this.base = base;
        this.search = search;
    }

    /** What the pages said, but for new cookies and the link that a page is there to show. */
    String of(String key, String wrongKey, String secret, String credential, String user)
            throws IOException, InterruptedException {
        read("/ui/sign-in", 200);
        send("/ui/sign-in", Map.of("key", wrongKey, "next", "/ui"), 401);
        send("/ui/sign-in", Map.of("key", key, "next", "/ui"), 303);
        for (String path : List.of(
                "/ui",
                "/ui/credentials",
                "/ui/credentials/" + credential,
                "/ui/providers",
                "/ui/connect",
                "/ui/clients",
                "/ui/clients/echo",
                "/ui/audit",
                "/ui/keys")) {
            read(path, 200);
        }
        seen.append(exchange("/ui/clients/echo", "client_secret=" + secret + "&x=%zz", 400));
        send("/ui/clients/echo", Map.of("client_id", "us", "client_secret", secret, "redirect_uri", "no URI"), 400);
        send("/ui/credentials/" + credential + "/refresh", Map.of(), 303);
        send("/ui/credentials/" + credential + "/test", Map.of(), 303);
        String shown = exchange("/ui/connect", form(Map.of("provider", "echo", "user", user)), 200);
        Matcher link = LINK.matcher(shown);
        assertThat(link.find()).isTrue();
        search.add("link of a page", link.group(1));
        read("/ui/audit", 200);
        send("/ui/sign-out", Map.of(), 303);
        return seen.toString();
    }

    private void read(String path, int status) throws IOException, InterruptedException {
        seen.append(exchange(path, null, status));
    }

    private void send(String path, Map<String, String> fields, int status) throws IOException, InterruptedException {
        seen.append(exchange(path, form(fields), status));
    }

    private String exchange(String path, String form, int status) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path));
        if (!cookies.isEmpty()) {
            request.header(
                    "Cookie",
                    cookies.entrySet().stream()
                            .map(each -> each.getKey() + "=" + each.getValue())
                            .collect(Collectors.joining("; ")));
        }
        if (form != null) {
            request.header("Content-Type", "application/x-www-form-urlencoded").POST(BodyPublishers.ofString(form));
        }
        HttpResponse<String> answer = http.send(request.build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as("%s: %s", path, answer.body()).isEqualTo(status);
        answer.headers().allValues("Set-Cookie").forEach(this::keep);
        Matcher token = FORM_TOKEN.matcher(answer.body());
        if (token.find()) {
            formToken = token.group(1);
        }
        return path + " " + answer.headers().firstValue("Location").orElse("") + "\n" + answer.body() + "\n";
    }

    private void keep(String cookie) {
        String name = cookie.substring(0, cookie.indexOf('='));
        String value = cookie.substring(name.length() + 1).split(";", 2)[0];
        if (value.isEmpty()) {
            cookies.remove(name);
        } else if (!value.equals(cookies.put(name, value))) {
            search.add("cookie " + name, value);
        }
    }

    private String form(Map<String, String> fields) {
        Map<String, String> all = new HashMap<>(fields);
        all.put("form_token", formToken);
        return all.entrySet().stream()
                .map(each -> each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }
}
