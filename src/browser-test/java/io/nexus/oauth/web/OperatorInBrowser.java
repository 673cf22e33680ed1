package io.nexus.oauth.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.nexus.oauth.rest.Api;
import org.junit.jupiter.api.BeforeEach;

/** An operator with a tenant of its own at the pages, in a real Chromium. */
abstract class OperatorInBrowser extends InBrowser {

    final String tenant = Api.unique("tenant");
    String key;

    @BeforeEach
    void ownTenant() {
        key = Api.key(tenant, Api.ALL_ROLES);
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
        page.click("form button");
        assertThat(page).hasTitle("Overview · Nexus OAuth");
    }

    /** The action of a row, in its opened menu. */
    static Locator action(Locator row, String name) {
        Locator menu = row.locator("details.pop");
        if (menu.getAttribute("open") == null) {
            menu.locator("summary").click();
        }
        return row.getByRole(AriaRole.BUTTON, new Locator.GetByRoleOptions().setName(name).setExact(true));
    }
}
