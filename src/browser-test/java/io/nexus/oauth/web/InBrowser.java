package io.nexus.oauth.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import io.nexus.oauth.rest.Api;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** A real Chromium for the tests of a class. Each test has windows of its own, and nothing may complain in them. */
abstract class InBrowser {

    private static Chromium chromium;

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

    @AfterEach
    void nothingIsComplainedAbout() {
        contexts.forEach(BrowserContext::close);
        assertThat(complaints).isEmpty();
    }

    Page open(int width, int height) {
        return open(new Browser.NewContextOptions().setViewportSize(width, height));
    }

    /** A window with cookies of its own. */
    Page open(Browser.NewContextOptions options) {
        BrowserContext context = chromium.browser().newContext(options);
        contexts.add(context);
        return Chromium.watched(context.newPage(), complaints);
    }

    /** Chromium writes a failed navigation into the console: that one is expected. */
    void ignoreStatus(Page page, String url, int status) {
        assertThat(page.navigate(url).status()).isEqualTo(status);
        ignoreStatus(status);
    }

    void ignoreStatus(int status) {
        complaints.removeIf(text -> text.contains("status of " + status));
    }

    static String at(String path) {
        return Api.publicUrl() + path;
    }
}
