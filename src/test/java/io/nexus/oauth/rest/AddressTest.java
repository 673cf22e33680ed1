package io.nexus.oauth.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses as they stand in a request line, which no HTTP client would send. */
@QuarkusTest
class AddressTest {

    private final int port = ConfigProvider.getConfig().getValue("quarkus.http.test-port", Integer.class);
    private final Browser browser = new Browser();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "&session_state=a|b",
                "&scope=a^b`c{d}e\"f<g>h\\i[j]",
                "&error_description=100%",
                "&hint=100%zz",
                "&name=Jos\u00e9",
                "&a|b=c"
            })
    void aCallbackMayHaveCharactersThatBrowsersDoNotEscape(String more) throws IOException {
        String callback = browser.walk(Api.link(Api.unique("user")), Api.unique("account"));

        Answer answer = send(path(callback) + more, cookies());

        assertThat(answer.status()).as(answer.text()).isEqualTo(303);
        assertThat(browser.get(answer.header("Location")).body()).contains("is connected");
    }

    @Test
    void aCallbackMayHaveACodeOfSixteenKilobytes() throws IOException {
        String callback = browser.walk(Api.link(Api.unique("user")), Api.unique("account"));

        Answer answer = send(path(callback) + "&session_state=" + "c".repeat(16 * 1024), cookies());

        assertThat(answer.status()).as(answer.text()).isEqualTo(303);
        assertThat(browser.get(answer.header("Location")).body()).contains("is connected");
    }

    @Test
    void aLongerAddressIsRefusedWithAPage() throws IOException {
        String more = "c".repeat(IncomingAddress.MAX_LENGTH);

        Answer page = send("/callback/sandbox?state=s&code=" + more, "");
        Answer problem = send("/api/v1/token?provider=" + more, "");

        assertThat(page.status()).isEqualTo(414);
        assertThat(page.header("Content-Type")).startsWith("text/html");
        assertThat(page.header("Content-Security-Policy")).startsWith("default-src 'none'");
        assertThat(page.text()).contains("The address is too long", "</html>").doesNotContain("cccccc");
        assertThat(problem.status()).isEqualTo(414);
        assertThat(problem.header("Content-Type")).startsWith("application/problem+json");
        assertThat(problem.text()).contains("uri-too-long").doesNotContain("cccccc");
    }

    @Test
    void longHeadersAreRefusedAndTheNextRequestIsServed() throws IOException {
        Answer large = send("/api/v1/providers", "X-More: " + "h".repeat(17 * 1024) + "\r\n");

        assertThat(large.status()).isEqualTo(431);
        assertThat(send("/api/v1/providers", "").status()).isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource({
        "/connect/%2e%2e/api/v1/providers, dot segment",
        "/connect/../api/v1/providers, dot segment",
        "/connect/.%2E/api/v1/providers, dot segment",
        "/connect/%2e/x, dot segment",
        "/api/v1/../../etc/passwd, dot segment",
        "/connect/..%2f..%2fui%3fx/start, escaped slash",
        "/connect/x%5C..%5Cui, escaped slash",
        "/connect/x\\..\\ui, escaped slash",
        "/ui;x=1/credentials, semicolon",
        "/ui/credentials;x, semicolon",
        "/api/v1/credentials;x=1, semicolon",
        "/api/v1/credentials/%00, NUL",
        "/api/v1/credentials?user=%00, NUL"
    })
    void anAddressWithTwoReadingsIsRefused(String address, String detail) throws IOException {
        Answer answer = send(address, "X-API-Key: " + Api.bootstrapKey() + "\r\n");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text()).contains(detail);
        assertThat(answer.header("Content-Type"))
                .startsWith(address.startsWith("/api") ? "application/problem+json" : "text/html");
    }

    /** The API key is no credential of a page, in whatever spelling the page is asked for. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/ui/credentials",
                "//ui/credentials",
                "/ui//credentials",
                "/%75i/credentials",
                "/%55i/credentials",
                "/ui/%63redentials",
                "/ui;x=1/credentials",
                "/ui%3bx/credentials",
                "/ui%20/credentials",
                "/ui/credentials/",
                "/UI/credentials"
            })
    void anApiKeyOpensNoPage(String address) throws IOException {
        for (String header : new String[] {"X-API-Key: ", "Authorization: Bearer "}) {
            Answer answer = send(address, header + Api.bootstrapKey() + "\r\n");

            assertThat(answer.status()).as(answer.text()).isNotEqualTo(200);
            assertThat(answer.text()).doesNotContain("Sign out");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ui%3fx", "%E2%80%AE", "a", "result", "%2Fevil.example"})
    void aLinkHasTheFormOfALinkOrLeadsNowhere(String link) throws IOException {
        for (String address : new String[] {"/connect/" + link, "/connect/" + link + "/start"}) {
            Answer answer = send(address, "Sec-Fetch-Site: cross-site\r\n");

            assertThat(answer.status()).as(answer.text()).isIn(400, 404);
            assertThat(answer.header("Location")).isEmpty();
            assertThat(answer.header("Content-Type")).startsWith("text/html");
        }
    }

    @Test
    void anAbsoluteAddressIsReadLikeAPath() throws IOException {
        assertThat(send("http://127.0.0.1/connect/%2e%2e/api/v1/providers", "").status())
                .isEqualTo(400);
        assertThat(send("http://127.0.0.1/ui;x=1/credentials", "").status()).isEqualTo(400);
        assertThat(send("http://127.0.0.1/api/v1/token?a=b|c", "").status()).isEqualTo(400);
    }

    /** Patterns that read foreign texts must not need a stack frame, or the square of the time, for each character. */
    @Test
    void longRepetitionsAreRead() throws IOException {
        String key = "X-API-Key: " + Api.bootstrapKey() + "\r\n";
        long start = System.nanoTime();

        assertThat(send("/nothing" + "/".repeat(16_000) + "x", key).status()).isEqualTo(404);
        assertThat(send("/ui/sign-in?next=/ui" + "/a".repeat(8_000), "").status())
                .isEqualTo(200);
        assertThat(send("/api/v1/token?provider=sandbox&user=u", key + "If-None-Match: " + ",".repeat(15_000) + "\r\n")
                        .status())
                .isEqualTo(404);
        assertThat(send("/api/v1/token?provider=sandbox&user=u&scope=" + "a+".repeat(8_000), key)
                        .status())
                .isLessThan(500);

        assertThat(System.nanoTime() - start).isLessThan(10_000_000_000L);
    }

    private String cookies() {
        return "Cookie: "
                + browser.cookies().entrySet().stream()
                        .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                        .collect(Collectors.joining("; "))
                + "\r\n";
    }

    private static String path(String url) {
        URI uri = URI.create(url);
        return uri.getRawPath() + "?" + uri.getRawQuery();
    }

    private Answer send(String address, String headers) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(30_000);
            String request = "GET " + address + " HTTP/1.1\r\nHost: 127.0.0.1:" + port + "\r\nConnection: close\r\n"
                    + headers + "\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            return new Answer(new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private record Answer(String text) {

        int status() {
            return Integer.parseInt(text.split(" ", 3)[1]);
        }

        String header(String name) {
            return text.lines()
                    .takeWhile(line -> !line.isEmpty())
                    .filter(line -> line.regionMatches(true, 0, name + ":", 0, name.length() + 1))
                    .map(line -> line.substring(name.length() + 1).strip())
                    .findFirst()
                    .orElse("");
        }
    }
}
