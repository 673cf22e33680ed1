package io.nexus.oauth.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import com.sun.net.httpserver.HttpServer;
import io.nexus.oauth.testing.PlainService;
import io.quarkus.test.junit.TestProfile;
import io.nexus.oauth.rest.Api;
import io.quarkus.test.junit.QuarkusTest;
import io.restassured.response.Response;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

/** The connect pages in a real Chromium. Screenshots are in target/screenshots. */
@QuarkusTest
@TestProfile(PlainService.class)
class ConnectInBrowserIT extends InBrowser {

    @Test
    void connectsWithTwoClicks() {
        Page page = open(1280, 800);
        page.navigate(Api.link(user));
        assertThat(page.title()).isEqualTo("Connect Sandbox");
        assertThat(styled(page)).isTrue();
        look(page, "connect");

        page.click("text=Continue to Sandbox");
        look(page, "consent");
        page.click("text=Allow >> visible=true >> nth=-1");

        assertThat(page.url()).contains("/connect/result/").doesNotContain("code=", "state=");
        assertThat(page.textContent("h1")).isEqualTo("Sandbox is connected");
        assertThat(page.textContent(".who")).isEqualTo(user);
        look(page, "connected");
        Api.token("sandbox", user).then().statusCode(200);
    }

    @Test
    void saysNo() {
        Page page = open(1280, 800);
        page.navigate(Api.link(user));
        page.click(".button");
        page.click("button[value=deny]");

        assertThat(page.textContent("h1")).isEqualTo("Sandbox is not connected");
        assertThat(page.textContent("main")).contains("You did not allow the access");
        assertThat(page.textContent("main .button")).isEqualTo("Try again");
        look(page, "denied");
        Api.token("sandbox", user).then().statusCode(404);
    }

    @Test
    void thinksAgain() {
        Page page = open(390, 800);
        page.navigate(Api.link(user));
        page.click(".button");
        page.click("button[value=deny]");
        look(page, "denied-390");
        page.click("main .button");
        page.click("button[value=allow]");

        assertThat(page.textContent("h1")).isEqualTo("Sandbox is connected");
    }

    /** The theme of a tenant in light and dark, on a desk and on a phone. */
    @Test
    void wearsATheme() {
        String key = Api.key("acme", "connector");
        for (int width : new int[] {1280, 390}) {
            for (ColorScheme scheme : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
                Page page = open(new Browser.NewContextOptions()
                        .setColorScheme(scheme)
                        .setLocale(width == 390 ? "de-DE" : "en-GB")
                        .setViewportSize(width, 800));
                String suffix = "-" + width + "-" + scheme.name().toLowerCase(java.util.Locale.ROOT);
                String link = Api.session(
                                key,
                                Map.of(
                                        "provider",
                                        "sandbox",
                                        "user",
                                        user,
                                        "scopes",
                                        List.of("openid", "email", "profile")))
                        .path("url");
                page.navigate(link);
                assertThat(page.textContent("main")).contains("Acme Analytics").doesNotContain("acme ");
                assertThat(page.evaluate("document.querySelector('.logo').naturalWidth > 0")).isEqualTo(true);
                assertThat(page.evaluate("getComputedStyle(document.querySelector('.button')).backgroundColor"))
                        .isEqualTo("rgb(124, 58, 237)");
                assertFits(page);
                look(page, "themed-connect" + suffix);
                page.click(".button");
                page.click("button[value=deny]");
                assertThat(page.getAttribute(".help a", "href")).isEqualTo("mailto:help@acme.example");
                assertFits(page);
                look(page, "themed-denied" + suffix);
                page.click(".button");
                page.click("button[value=allow]");
                assertFits(page);
                look(page, "themed-connected" + suffix);
                ignoreStatus(page, link, 404);
                look(page, "used" + suffix);
                page.navigate(Api.session(
                                Api.key("acme-dark", "connector"), Map.of("provider", "sandbox", "user", user))
                        .path("url"));
                assertThat(page.evaluate("getComputedStyle(document.body).backgroundColor"))
                        .isEqualTo("rgb(13, 17, 23)");
                look(page, "always-dark" + suffix);
                page.context().close();
            }
        }
    }

    @Test
    void endsAConnectionOnThePageOfAccounts() {
        String key = Api.key("acme", "connector");
        for (int width : new int[] {1280, 390}) {
            for (ColorScheme scheme : new ColorScheme[] {ColorScheme.LIGHT, ColorScheme.DARK}) {
                Page page = open(new Browser.NewContextOptions()
                        .setColorScheme(scheme)
                        .setLocale(width == 390 ? "de-DE" : "en-GB")
                        .setViewportSize(width, 800));
                String suffix = "-" + width + "-" + scheme.name().toLowerCase(java.util.Locale.ROOT);
                page.navigate(Api.session(
                                key,
                                Map.of("provider", "sandbox", "user", user, "scopes", List.of("openid", "email")))
                        .path("url"));
                page.click(".button");
                page.click("button[value=allow]");

                page.navigate(Api.as(key)
                        .body(Map.of("user", user))
                        .post("/api/v1/account-links")
                        .path("url"));
                assertThat(page.url()).endsWith("/connect/accounts");
                page.click("summary");
                assertFits(page);
                look(page, "accounts" + suffix);
                page.click(".acts a");
                assertFits(page);
                look(page, "accounts-end" + suffix);
                page.click("button.button");
                assertThat(page.locator("[role=status]").count()).isEqualTo(1);
                assertThat(page.locator(".accounts li").count()).isZero();
                look(page, "accounts-ended" + suffix);
                page.click("a[href$=leave]");
                look(page, "accounts-left" + suffix);
                page.context().close();
            }
        }
    }

    /** Every way to fail, as the person sees it. */
    @Test
    void saysHowItEnded() {
        Page page = open(390, 800);
        for (String code : List.of("invalid_scope", "temporarily_unavailable", "login_required", "vendor_code")) {
            page.navigate(Api.link(user));
            page.click(".button");
            String state = page.url().replaceFirst(".*[?&]state=([^&]*).*", "$1");
            page.navigate(Api.publicUrl() + "/callback/sandbox?error=" + code + "&state=" + state);
            assertThat(page.textContent("h1")).isEqualTo("Sandbox is not connected");
            assertThat(page.textContent(".code code")).isEqualTo(code);
            assertFits(page);
            look(page, "failed-" + code);
        }
    }

    /** The ends of a link in French and Spanish, on a phone. */
    @Test
    void saysHowItEndedInOtherLanguages() {
        for (String locale : List.of("fr-FR", "es-ES")) {
            Page page = open(new Browser.NewContextOptions().setLocale(locale).setViewportSize(390, 800));
            String link = Api.link(user);
            page.navigate(link);
            assertFits(page);
            look(page, "connect-" + locale);
            page.click(".button");
            page.click("button[value=deny]");
            assertThat(page.getAttribute("html", "lang")).isEqualTo(locale.substring(0, 2));
            assertFits(page);
            look(page, "denied-" + locale);
            page.click(".button");
            page.click("button[value=allow]");
            assertFits(page);
            look(page, "connected-" + locale);
            ignoreStatus(page, link, 404);
            assertFits(page);
            look(page, "used-" + locale);
            for (String code : List.of("temporarily_unavailable", "invalid_scope")) {
                page.navigate(Api.link(user));
                page.click(".button");
                String state = page.url().replaceFirst(".*[?&]state=([^&]*).*", "$1");
                page.navigate(Api.publicUrl() + "/callback/sandbox?error=" + code + "&state=" + state);
                assertFits(page);
                look(page, "failed-" + code + "-" + locale);
            }
        }
    }

    /** The page that opened the link hears its end, if it is of the origin that the application named. */
    @Test
    void aPopUpReportsToItsOpenerOnly() throws IOException {
        String origin = ConfigProvider.getConfig().getValue("nexus.oauth.connect.origins", String.class);
        HttpServer named = opener(URI.create(origin).getPort());
        HttpServer other = opener(0);
        try {
            Page page = open(new Browser.NewContextOptions());
            String session = popUp(page, origin, "allow");
            page.waitForFunction("window.heard.length === 1");
            assertThat(page.evaluate("window.heard[0].origin")).isEqualTo(Api.publicUrl());
            assertThat(page.evaluate("window.heard[0].data"))
                    .isEqualTo(Map.of("type", "nexus-oauth.connect", "connect_session", session, "status", "connected"));

            String refused = popUp(page, origin, "deny");
            page.waitForFunction("window.heard.length === 1");
            assertThat(page.evaluate("window.heard[0].data"))
                    .isEqualTo(Map.of(
                            "type", "nexus-oauth.connect",
                            "connect_session", refused,
                            "status", "failed",
                            "error", "access_denied"));

            Page stranger = page.context().newPage();
            popUp(stranger, "http://localhost:" + other.getAddress().getPort(), "allow");
            stranger.evaluate("new Promise(done => setTimeout(done))"); // a message would have come before
            assertThat(stranger.evaluate("window.heard.length")).isEqualTo(0);
        } finally {
            named.stop(0);
            other.stop(0);
        }
    }

    /** Opens a link in a pop-up window of {@code opener}, decides, and waits until the window has closed itself. */
    private String popUp(Page page, String opener, String decision) {
        String origin = ConfigProvider.getConfig().getValue("nexus.oauth.connect.origins", String.class);
        Response session = Api.session(Map.of("provider", "sandbox", "user", user, "origin", origin));
        page.navigate(opener + "/?" + session.<String>path("url"));
        Page popUp = page.waitForPopup(() -> page.click("button"));
        popUp.click(".button");
        popUp.waitForClose(() -> popUp.click("button[value=" + decision + "]"));
        return session.path("id");
    }

    private static HttpServer opener(int port) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
        byte[] page = """
                <!DOCTYPE html><link rel="icon" href="data:,"><button>Connect</button><script>
                  window.heard = [];
                  addEventListener("message", event => heard.push({origin: event.origin, data: event.data}));
                  document.querySelector("button").onclick = () => open(location.search.slice(1), "connect", "width=500,height=700");
                </script>""".getBytes(StandardCharsets.UTF_8);
        server.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        server.start();
        return server;
    }

    @Test
    void aResultPageWithoutAnOpenerSaysThatItCanBeClosed() {
        String origin = ConfigProvider.getConfig().getValue("nexus.oauth.connect.origins", String.class);
        Page page = open(390, 800);
        page.navigate(Api.session(Map.of("provider", "sandbox", "user", user, "origin", origin))
                .path("url"));
        page.click(".button");
        page.click("button[value=allow]");

        assertThat(page.textContent("main")).contains("You can close this window.");
        look(page, "pop-up-without-opener");
    }

    @Test
    void goesBackAndStartsAgain() {
        Page page = open(1280, 800);
        page.navigate(Api.link(user));
        page.click(".button");
        page.goBack();
        page.click(".button");
        page.click("button[value=allow]");

        assertThat(page.textContent("h1")).isEqualTo("Sandbox is connected");
    }

    @Test
    void fitsAPhone() {
        Page page = open(320, 640);
        String link = Api.link("a-very-long-name-without-any-place-to-break-".repeat(4) + "@example.com");
        page.navigate(link);
        assertFits(page);
        look(page, "phone-connect");
        page.click(".button");
        assertFits(page);
        look(page, "phone-consent");
        page.click("button[value=allow]");
        assertFits(page);
        look(page, "phone-connected");
        ignoreStatus(page, link, 404);
        assertFits(page);
        look(page, "phone-used");
    }

    @Test
    void fitsAPhoneWithAScopeOfOneLongWord() {
        String key = Api.key("T".repeat(64), "connector");
        Page page = open(320, 640);
        page.navigate(Api.as(key)
                .body(Map.of("provider", "sandbox", "user", user, "scopes", List.of("s".repeat(200))))
                .post("/api/v1/connect-sessions")
                .path("url"));
        assertFits(page);
        look(page, "phone-scope");
    }

    @Test
    void worksInTheDark() {
        Page page = open(new Browser.NewContextOptions().setColorScheme(ColorScheme.DARK).setViewportSize(800, 600));
        page.navigate(Api.link(user));
        look(page, "dark-connect");
        assertThat(page.evaluate("getComputedStyle(document.body).backgroundColor")).isEqualTo("rgb(13, 17, 23)");
    }

    @Test
    void needsNoMouse() {
        Page page = open(1280, 800);
        page.navigate(Api.link(user));
        page.keyboard().press("Tab");
        assertThat(page.evaluate("document.activeElement.className")).isEqualTo("button wide");
        look(page, "focus");
        page.keyboard().press("Enter");
        page.waitForURL(Pattern.compile(".*/sandbox/authorize.*"));
        PlaywrightAssertions.assertThat(page.locator("#account")).isFocused(); // as soon as it is drawn
        page.keyboard().press("Tab");
        assertThat(page.evaluate("document.activeElement.value")).isEqualTo("allow");
        page.keyboard().press("Enter");
        page.waitForURL(Pattern.compile(".*/connect/result/.*"));

        assertThat(page.textContent("h1")).isEqualTo("Sandbox is connected");
    }

    @Test
    void aNameIsTextAndNoPage() {
        Page page = open(1280, 800);
        page.navigate(Api.link("<img src=x onerror=document.title='owned'>" + user));

        assertThat(page.title()).isEqualTo("Connect Sandbox");
        assertThat(page.locator(".who img").count()).isZero();
        assertThat(page.textContent(".who")).contains("<img src=x");
    }

    @Test
    void aBrokenLinkSaysWhatToDo() {
        Page page = open(1280, 800);
        ignoreStatus(page, Api.publicUrl() + "/connect/nobody-made-this", 404);

        assertThat(page.textContent("h1")).isEqualTo("This link does not work");
        look(page, "broken");
    }

    private static boolean styled(Page page) {
        return page.evaluate("getComputedStyle(document.querySelector('.card')).borderRadius").equals("12px");
    }

    private static void assertFits(Page page) {
        Chromium.assertFits(page);
    }

    private static void look(Page page, String name) {
        Chromium.assertAccessible(page);
        Chromium.shoot(page, name);
    }
}
