package io.nexus.oauth.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.testing.PlainService;
import io.nexus.oauth.testing.TestIssuer;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What an operator does at the pages beside the main job: the menu of a phone, messages, dead ends, the audit trail, the overview. */
@QuarkusTest
@TestProfile(PlainService.class)
class OperatorFlowsInBrowserIT extends OperatorInBrowser {

    private TestIssuer issuer;

    @Inject
    Pool pool;

    @Test
    void theMenuOfAPhoneOpensByKeyboard() {
        Api.imported(key, Api.grant("user", "a-very-long-name-without-any-place-to-break-" + "x".repeat(80) + "@example.com"));
        Api.imported(key, Api.grant());
        Page page = signedIn(390, 844);
        assertThat(page.locator("#nav-credentials")).isHidden();
        assertThat(page.locator("header").boundingBox().height).isLessThan(72);
        Chromium.assertFits(page);

        for (int i = 0; i < 3; i++) {
            page.keyboard().press("Tab");
        }
        assertThat(page.evaluate("document.activeElement.textContent")).isEqualTo("Menu");
        page.keyboard().press("Enter");
        assertThat(page.locator("#nav-credentials")).isVisible();
        Chromium.assertAccessible(page);
        Chromium.shoot(page, "phone-menu");
        page.keyboard().press("Tab");
        page.keyboard().press("Tab");
        page.keyboard().press("Enter");

        assertThat(page).hasTitle("Credentials · Nexus OAuth");
        assertThat(page.locator("#nav-credentials")).isHidden();
        Chromium.assertFits(page);
        for (Locator row : page.locator("tbody tr").all()) {
            assertThat(row.boundingBox().height).isLessThanOrEqualTo(90);
        }
    }

    @Test
    void aMessageTellsHowItWentMovesNothingAndCanBeClosed() {
        String id = Api.imported(key, Api.grant());
        Page page = signedIn(1280, 800);
        page.navigate(at("/ui/credentials/" + id));
        double heading = page.locator("h1").boundingBox().y;

        page.click(".standing >> text=Test");

        assertThat(page.locator("#notice .toast.bad")).containsText("The provider rejects the token.");
        assertThat(page.locator("h1").boundingBox().y).isEqualTo(heading);
        Chromium.assertAccessible(page);
        Chromium.shoot(page, "message-fault");
        page.evaluate("window.sameDocument = true");
        page.click("#notice .close");
        assertThat(page.locator("#notice")).not().containsText("The provider");
        assertThat((Boolean) page.evaluate("window.sameDocument === true")).isTrue();
        for (Map.Entry<String, String> each : Map.of("refreshed", "good", "too-soon", "warn", "misconfigured", "bad").entrySet()) {
            page.navigate(at("/ui/audit?last=hour&done=" + each.getKey()));
            assertThat(page.locator("#notice .toast." + each.getValue())).isVisible();
            page.click("#notice .close");
            assertThat(page.locator("#notice .toast")).hasCount(0);
            assertThat(page.url()).endsWith("/ui/audit?last=hour");
        }
    }

    @Test
    void withoutAScriptAMessageIsClosedByALink() {
        Page page = signedIn(new Browser.NewContextOptions().setJavaScriptEnabled(false), key);
        page.navigate(at("/ui/audit?last=hour&done=refreshed"));

        page.click("#notice .close");

        assertThat(page.locator("#notice .toast")).hasCount(0);
        assertThat(page.url()).endsWith("/ui/audit?last=hour");
    }

    @Test
    void aDeadEndKeepsTheFrameNamesTheRoleAndLeadsBack() {
        Page page = signedIn(1280, 800, Api.key(tenant, "connector"));
        page.navigate(at("/ui/keys"));
        assertThat(page.locator("main")).containsText("This page needs the role admin.");
        assertThat(page.locator("main")).containsText("you have connector");
        Chromium.assertAccessible(page);
        Chromium.shoot(page, "dead-end-role");
        page.click("main >> text=Back to the overview");
        assertThat(page).hasTitle("Overview · Nexus OAuth");

        page.navigate(at("/ui/credentials/00000000-0000-0000-0000-000000000000"));
        assertThat(page.locator("h1")).hasText("There is no such credential");
        page.click("main >> text=Back to Credentials");
        assertThat(page).hasTitle("Credentials · Nexus OAuth");

        page.navigate(at("/ui/nothing/here"));
        assertThat(page.locator("h1")).hasText("There is nothing here");
        Chromium.shoot(page, "dead-end-missing");
        page.click("#nav-credentials");
        assertThat(page).hasTitle("Credentials · Nexus OAuth");
        complaints.removeIf(text -> text.contains("status of 40"));
    }

    /** The issuer lets a browser pass that is signed in there, until its session ends or the request asks for another account. */
    @Test
    void signsOutAtTheIssuerTooAndUsesAnotherAccount() {
        issuer.login().as("3f0c1a6e-9a70-4d1c-8f2b-6d0f7f1f2a11", claims -> claims.setClaim("name", "Bert Example"));
        Page page = open(1280, 800);
        page.navigate(at("/ui/audit"));
        page.click("text=Sign in with Company");
        page.click("text=Continue as");
        assertThat(page.locator("h1")).hasText("You have no role here yet");
        assertThat(page.locator("main")).containsText("You are signed in as Bert Example.");
        Chromium.assertAccessible(page);
        Chromium.shoot(page, "no-role");
        complaints.removeIf(text -> text.contains("status of 403"));

        issuer.login().as("alice", claims -> {
            claims.setClaim("name", "Alice Example");
            claims.setClaim("org", Map.of("tenant", tenant));
            claims.setClaim("realm_access", Map.of("roles", List.of("nexus:auditor")));
        });
        page.click("#another");
        assertThat(page.locator("h1")).hasText("Company");
        page.click("text=Continue as alice");
        assertThat(page).hasTitle("Audit · Nexus OAuth");
        assertThat(page.locator(".who .caller")).hasText("Alice Example");
        Chromium.shoot(page, "audit-person");

        page.navigate(at("/ui/credentials"));
        assertThat(page.locator("main")).containsText("This page needs the role");
        complaints.removeIf(text -> text.contains("status of 403"));
        Chromium.shoot(page, "dead-end-another-account");
        page.click("#another");
        assertThat(page.locator("h1")).hasText("Company");
        page.click("text=Continue as alice");
        assertThat(page.locator("main")).containsText("This page needs the role");
        complaints.removeIf(text -> text.contains("status of 403"));

        page.click("text=Sign out");
        assertThat(page.locator("main")).containsText("You are signed out, here and at the identity provider.");
        Chromium.assertAccessible(page);
        Chromium.shoot(page, "signed-out");
        page.click("text=Sign in with Company");
        assertThat(page.locator("h1")).hasText("Company"); // it asks again
        assertThat(issuer.login().complaints()).isEmpty();
    }

    @Test
    void aWrongConfirmationComesBackWithTheFaultAtItsField() {
        String id = Api.imported(key, Api.grant("user", user));
        Page page = signedIn(1280, 800);
        page.navigate(at("/ui/credentials/" + id));
        page.click("#revoke summary");
        page.fill("#confirm", "somebody else");
        page.click("button.danger");

        assertThat(page.locator("#confirm-fault")).containsText("not the user of the credential");
        assertThat(page.locator("#confirm")).hasValue("somebody else");
        assertThat(page.locator("#confirm")).hasAttribute("aria-describedby", "confirm-fault");
        Chromium.assertAccessible(page);
        Chromium.shoot(page, "confirmation-fault");
        page.fill("#confirm", user);
        page.click("button.danger");
        assertThat(page.locator("#notice .toast.good, #notice .toast.warn")).containsText("The credential is revoked");
        complaints.removeIf(text -> text.contains("status of 400"));
    }

    @Test
    void aLinkTellsThatItWasUsed() {
        Page page = signedIn(1280, 800);
        page.navigate(at("/ui/connect?provider=sandbox"));
        page.fill("#user", user);
        page.click("text=Make a link");
        assertThat(page.locator("#state .chip")).hasText("Not opened yet");
        String link = page.locator("#link").textContent();

        Page owner = open(1280, 800);
        owner.navigate(link);
        owner.click("text=Continue to Sandbox");
        assertThat(page.locator("#state .chip")).hasText("Opened");
        owner.fill("#account", user);
        owner.click("button[value=allow]");
        assertThat(owner.locator("h1")).hasText("Sandbox is connected");

        assertThat(page.locator("#state .chip")).hasText("Connected");
        assertThat(page.locator("#link")).hasText(link);
        assertThat(page.locator("#state[hx-get]")).hasCount(0); // it asks no longer
        Chromium.assertAccessible(page);
        Chromium.shoot(page, "link-used");
        page.click("text=Show the credential");
        assertThat(page.locator("h1")).containsText(user);
    }

    @Test
    void theTrailIsNarrowedToAPeriodAndExported() throws IOException {
        Api.imported(key, Api.grant("user", user));
        pool.preparedQuery("INSERT INTO audit_events (happened_at, tenant_id, operation, provider, user_email, actor)"
                        + " VALUES (now() - interval '3 days', $1, 'token_refreshed', 'sandbox', 'somebody-old', 'system')")
                .execute(Tuple.of(tenant))
                .await()
                .indefinitely();
        Page page = signedIn(1280, 800);
        page.navigate(at("/ui/audit?provider=sandbox"));
        assertThat(page.locator("tbody")).containsText("somebody-old");

        page.click("text=Last day");
        assertThat(page.locator("tbody")).not().containsText("somebody-old");
        assertThat(page.locator("tbody")).containsText(user);
        assertThat(page.locator("#provider")).hasValue("sandbox");
        assertThat(page.locator(".tabs [aria-current]")).hasText("Last day");
        page.click("text=Last week");
        assertThat(page.locator("tbody")).containsText("somebody-old");
        page.click("text=Last day");
        assertThat(page.locator("tbody")).not().containsText("somebody-old");

        Chromium.assertAccessible(page);
        Download file = page.waitForDownload(() -> page.click("text=Export as CSV"));
        assertThat(file.suggestedFilename()).isEqualTo("audit.csv");
        assertThat(Files.readString(file.path())).contains(user).doesNotContain("somebody-old");

        for (int width : List.of(1280, 390)) {
            page.setViewportSize(width, 800);
            Chromium.assertFits(page);
        }
    }

    @Test
    void theOverviewShowsWhatHappenedAndWhoHasToAct() {
        String id = Api.imported(key, Api.grant("user", user));
        Api.imported(key, Api.grant("refresh_token", Api.unique("refresh")));
        pool.preparedQuery(
                        """
                        INSERT INTO audit_events (happened_at, tenant_id, operation, provider, user_email, actor, times)
                        VALUES (now(), $1, 'token_handed_out', 'sandbox', 'a', 'reader', 41), (now(), $1, 'token_refreshed', 'sandbox', 'a', 'system', 7)""")
                .execute(Tuple.of(tenant))
                .await()
                .indefinitely();
        pool.preparedQuery("UPDATE oauth_credentials SET status = 'reauth_required' WHERE credential_id = $1::uuid")
                .execute(Tuple.of(java.util.UUID.fromString(id)))
                .await()
                .indefinitely();
        Page page = signedIn(1280, 800);
        // the count of the empty tenant may be remembered for a moment
        org.awaitility.Awaitility.await().untilAsserted(() -> {
            page.reload();
            assertThat(page.locator(".chart.issued .key")).hasText("Tokens issued 41", new com.microsoft.playwright.assertions.LocatorAssertions.HasTextOptions().setTimeout(500));
        });
        assertThat(page.locator(".chart.refreshes .key").first()).hasText("Tokens refreshed 7");
        assertThat(page.locator(".chart svg").first().boundingBox().width).isGreaterThan(800);
        // the user has to act here, the provider is well
        assertThat(page.locator("section[aria-labelledby=trouble]")).containsText("None.");
        page.click("section[aria-labelledby=users] tbody a");
        assertThat(page.locator("tbody tr")).hasCount(1);
        assertThat(page.locator("tbody tr")).containsText(user);
    }

    @Test
    void actsOnTheSelectedCredentialsAndTellsTheResultOfEach() {
        for (String name : List.of("anna", "berta", "clara")) {
            Api.imported(key, Api.grant("user", name + "@" + user));
        }
        Page page = signedIn(1280, 800);
        page.navigate(at("/ui/credentials?sort=user"));
        assertThat(page.locator(".bulk")).isHidden();
        page.check("#all");
        assertThat(page.locator("#selected")).hasText("3 selected:");
        assertThat(page.getByRole(AriaRole.STATUS).filter(new Locator.FilterOptions().setHasText("3 of 3 selected.")))
                .hasCount(1);
        Chromium.assertAccessible(page);
        Chromium.shoot(page, "bulk-selected");
        page.locator("tbody input[type=checkbox]").last().uncheck();

        page.click(".bulk >> text=Test");

        assertThat(page.locator(".summary")).containsText("0 of 2 done, 2 need attention.");
        assertThat(page.locator("tbody tr")).hasCount(2);
        assertThat(page.locator("tbody")).containsText("anna@" + user);
        assertThat(page.locator("tbody tr").first()).containsText("The provider rejects the token.");
        assertThat(page.locator(".running")).isHidden();
        Chromium.assertAccessible(page);
        Chromium.shoot(page, "bulk-test");
        page.click("text=Back to the credentials");
        assertThat(page).hasURL(at("/ui/credentials?sort=user"));

        page.locator("tbody input[type=checkbox]").first().check();
        page.click(".bulk >> text=Make reconnect links");
        assertThat(page.locator(".summary")).containsText("1 of 1 done.");
        assertThat(page.locator("tbody code")).containsText("/connect/");
        Chromium.assertAccessible(page);
        Chromium.shoot(page, "bulk-links");
        page.click("text=Back to the credentials");

        page.check("#all");
        page.click(".bulk >> text=Revoke");
        assertThat(page.locator("h1")).hasText("Revoke 3 credentials?");
        Chromium.assertAccessible(page);
        Chromium.shoot(page, "bulk-revoke");
        page.fill("#confirm", "revoke 2");
        page.click("button.danger");
        assertThat(page.locator("#confirm-fault")).containsText("Nothing was revoked.");
        complaints.removeIf(text -> text.contains("status of 400"));
        page.fill("#confirm", "revoke 3");
        page.click("button.danger");
        assertThat(page.locator(".summary")).containsText("3 of 3 done.");
        assertThat(Api.as(key).get("/api/v1/credentials?state=revoked").<List<String>>path("items.user"))
                .hasSize(3);
    }

    @Test
    void searchesByTheBeginningOfTheUserAndSorts() {
        for (String name : List.of("berta", "anna", "anton")) {
            Api.imported(key, Api.grant("user", name + "@" + user));
        }
        Page page = signedIn(1280, 800);
        page.navigate(at("/ui/credentials"));
        Locator first = page.locator("tbody tr").first();
        assertThat(first).containsText("anton@");
        for (Map.Entry<String, String> each : Map.of("oldest", "berta@", "user", "anna@").entrySet()) {
            page.selectOption("#sort", each.getKey());
            page.click("#filter");
            assertThat(first).containsText(each.getValue());
        }
        page.fill("#user", "an");
        page.click("#filter");
        assertThat(page.locator("tbody tr")).hasCount(2);
        assertThat(first).containsText("anna@");
        page.fill("#user", "nna");
        page.click("#filter");
        assertThat(page.locator("main")).containsText("No credential matches.");
        org.awaitility.Awaitility.await().untilAsserted(() -> {
            page.navigate(at("/ui/credentials?state=expiring"));
            assertThat(page.locator(".tabs [aria-current]")).hasText("Expiring 3", new com.microsoft.playwright.assertions.LocatorAssertions.HasTextOptions().setTimeout(500));
        });
        assertThat(page.locator(".tabs a").first()).hasText("All 3");
        assertThat(page.locator(".tabs a").last()).hasText("Revoked 0");
    }
}
