package io.nexus.oauth.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import io.nexus.oauth.testing.PlainService;
import io.quarkus.test.junit.TestProfile;
import io.nexus.oauth.rest.Api;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The connect pages in a real Chromium. Screenshots are in target/screenshots. */
@QuarkusTest
@TestProfile(PlainService.class)
class ConnectInBrowserIT {

    private static Chromium chromium;

    private final String user = Api.unique("user") + "@example.com";
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private BrowserContext context;

    @BeforeAll
    static void start() {
        chromium = new Chromium();
    }

    @AfterAll
    static void stop() {
        if (chromium != null) {
            chromium.close();
        }
    }

    @AfterEach
    void nothingIsComplainedAbout() {
        context.close();
        assertThat(complaints).isEmpty();
    }

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
        look(page, "denied");
        Api.token("sandbox", user).then().statusCode(404);
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
    void fitsAPhoneWithATenantOfOneLongWord() {
        String key = Api.key("T".repeat(64), "connector");
        Page page = open(320, 640);
        page.navigate(Api.as(key)
                .body(Map.of("provider", "sandbox", "user", user))
                .post("/api/v1/connect-sessions")
                .path("url"));
        assertFits(page);
        look(page, "phone-tenant");
    }

    @Test
    void worksInTheDark() {
        context = chromium.browser().newContext(new Browser.NewContextOptions()
                .setColorScheme(com.microsoft.playwright.options.ColorScheme.DARK)
                .setViewportSize(800, 600));
        Page page = watched(context.newPage());
        page.navigate(Api.link(user));
        look(page, "dark-connect");
        assertThat(page.evaluate("getComputedStyle(document.body).backgroundColor")).isEqualTo("rgb(13, 17, 23)");
    }

    @Test
    void needsNoMouse() {
        Page page = open(1280, 800);
        page.navigate(Api.link(user));
        page.keyboard().press("Tab");
        assertThat(page.evaluate("document.activeElement.className")).isEqualTo("button");
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
        assertThat(page.locator("main img").count()).isZero();
        assertThat(page.textContent(".who")).contains("<img src=x");
    }

    @Test
    void aBrokenLinkSaysWhatToDo() {
        Page page = open(1280, 800);
        ignoreStatus(page, Api.publicUrl() + "/connect/nobody-made-this", 404);

        assertThat(page.textContent("h1")).isEqualTo("This link does not work");
        look(page, "broken");
    }

    private Page open(int width, int height) {
        context = chromium.browser().newContext(new Browser.NewContextOptions().setViewportSize(width, height));
        return watched(context.newPage());
    }

    private Page watched(Page page) {
        return Chromium.watched(page, complaints);
    }

    /** Chromium writes a failed navigation into the console: that one is expected. */
    private void ignoreStatus(Page page, String url, int status) {
        assertThat(page.navigate(url).status()).isEqualTo(status);
        complaints.removeIf(text -> text.contains("status of " + status));
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
