package io.nexus.oauth.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.nexus.oauth.rest.Api;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** An operator with a tenant of its own at the pages, in a real Chromium. */
abstract class OperatorInBrowser {

    private static Chromium chromium;

    final String tenant = Api.unique("tenant");
    String key;
    final String user = Api.unique("user") + "@example.com";
    final List<String> complaints = new CopyOnWriteArrayList<>();
    private final List<BrowserContext> contexts = new ArrayList<>();

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

    @BeforeEach
    void ownTenant() {
        key = Api.key(tenant, Api.ALL_ROLES);
    }

    @AfterEach
    void nothingIsComplainedAbout() {
        contexts.forEach(BrowserContext::close);
        assertThat(complaints).isEmpty();
    }

    Page signedIn(int width, int height) {
        return signedIn(width, height, key);
    }

    Page signedIn(int width, int height, String with) {
        return signedIn(new Browser.NewContextOptions().setViewportSize(width, height), with);
    }

    Page signedIn(Browser.NewContextOptions options, String with) {
        Page page = open(options);
        signIn(page, with);
        return page;
    }

    void signIn(Page page) {
        signIn(page, key);
    }

    static void signIn(Page page, String with) {
        page.navigate(at("/ui"));
        page.fill("#key", with);
        page.click("button.main");
        assertThat(page).hasTitle("Overview · Nexus OAuth");
    }

    Page open(int width, int height) {
        return open(new Browser.NewContextOptions().setViewportSize(width, height));
    }

    Page open(Browser.NewContextOptions options) {
        BrowserContext context = chromium.browser().newContext(options);
        contexts.add(context);
        return Chromium.watched(context.newPage(), complaints);
    }

    /** The action of a row, in its opened menu. */
    static Locator action(Locator row, String name) {
        Locator menu = row.locator("details.pop");
        if (menu.getAttribute("open") == null) {
            menu.locator("summary").click();
        }
        return row.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
    }

    static String at(String path) {
        return Api.publicUrl() + path;
    }
}
