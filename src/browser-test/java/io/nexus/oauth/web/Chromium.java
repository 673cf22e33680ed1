package io.nexus.oauth.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The browser that the tests drive. Screenshots go to target/screenshots. */
final class Chromium implements AutoCloseable {

    /** Of the jar that names the version; nothing else in it is used. */
    private static final String AXE = resource("/axe.min.js");

    private static final String AUDIT = """
            async () => (await axe.run()).violations
                .map(v => ({ impact: v.impact, text: v.id + ': ' + v.nodes.map(n => n.html + ' ' + n.failureSummary).join(' | ') }))""";

    private final Playwright playwright;
    private final Browser browser;

    Chromium() {
        PlaywrightAssertions.setDefaultAssertionTimeout(60_000); // browser, service and database share the machine
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(Path.of("/usr/bin/chromium"))
                        .setArgs(List.of(
                                "--no-sandbox",
                                "--disable-gpu",
                                "--disable-background-networking",
                                "--disable-component-update",
                                "--disable-sync",
                                "--no-first-run")));
    }

    Browser browser() {
        return browser;
    }

    /** Collects errors in {@code complaints}. The console also reports violations of the content security policy. */
    static Page watched(Page page, List<String> complaints) {
        page.onConsoleMessage(message -> {
            if (List.of("error", "warning").contains(message.type())) {
                complaints.add(message.text());
            }
        });
        page.onPageError(complaints::add);
        page.onRequestFailed(request -> {
            if (!"net::ERR_ABORTED".equals(request.failure())) { // the page was left while it was still loading
                complaints.add(request.url() + " " + request.failure());
            }
        });
        return page;
    }

    static void assertFits(Page page) {
        assertThat((Boolean) page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"))
                .as(page.url())
                .isTrue();
    }

    /** Asserts that axe-core finds no accessibility problem. */
    @SuppressWarnings("unchecked")
    static void assertAccessible(Page page) {
        page.evaluate(AXE);
        List<Map<String, String>> found = (List<Map<String, String>>) page.evaluate(AUDIT);
        assertThat(found.stream()
                        .filter(each -> Set.of("serious", "critical").contains(each.get("impact")))
                        .map(each -> each.get("text")))
                .as(page.url())
                .isEmpty();
    }

    static void shoot(Page page, String name) {
        page.screenshot(new Page.ScreenshotOptions()
                .setFullPage(true)
                .setPath(Path.of("target/screenshots", name + ".png")));
    }

    @Override
    public void close() {
        playwright.close();
    }

    private static String resource(String path) {
        try (InputStream in = Objects.requireNonNull(Chromium.class.getResourceAsStream(path), path)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
