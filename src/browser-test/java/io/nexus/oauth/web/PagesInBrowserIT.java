package io.nexus.oauth.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import com.microsoft.playwright.options.ColorScheme;
import io.nexus.oauth.testing.PlainService;
import io.quarkus.test.junit.TestProfile;
import io.nexus.oauth.rest.Api;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The operators' pages in a real Chromium. */
@QuarkusTest
@TestProfile(PlainService.class)
class PagesInBrowserIT extends OperatorInBrowser {

    @Inject
    Pool pool;

    @Test
    void signsInAndOut() {
        Page page = open(1280, 800);
        page.navigate(at("/ui/credentials"));
        assertThat(page).hasTitle("Sign in · Nexus OAuth");
        Chromium.shoot(page, "sign-in");
        page.fill("#key", "nxo_mistyped");
        page.click("form button");
        assertThat(page.locator("#fault")).containsText("This key is not valid");
        complaints.removeIf(text -> text.contains("status of 401"));
        Chromium.shoot(page, "sign-in-refused");
        page.fill("#key", key);
        page.keyboard().press("Enter");

        assertThat(page).hasTitle("Credentials · Nexus OAuth");
        page.click("text=Sign out");
        assertThat(page).hasTitle("Sign in · Nexus OAuth");
        assertThat(page.locator("main")).containsText("You are signed out.");
        page.navigate(at("/ui"));
        assertThat(page).hasTitle("Sign in · Nexus OAuth");
    }

    @Test
    void aFreshInstallationTellsTheNextStep() {
        Page page = signedIn(1280, 800);
        assertThat(page.locator("main")).containsText("No account is connected");
        Chromium.shoot(page, "empty");

        page.click("text=Connect Sandbox");

        assertThat(page).hasTitle("Connect an account · Nexus OAuth");
        assertThat(page.locator("#provider")).hasValue("sandbox");
        for (String empty : List.of("Credentials", "Clients", "Audit")) {
            page.click("header nav >> text=" + empty);
            assertThat(page.locator("h1")).hasText(empty);
            Chromium.shoot(page, "empty-" + empty.toLowerCase());
        }
    }

    @Test
    void connectsTestsRefreshesReconnectsAndRevokes() {
        Page page = signedIn(1280, 900);
        page.evaluate("window.sameDocument = true");
        page.click("text=Connect Sandbox");
        page.fill("#user", user);
        Chromium.shoot(page, "connect-form");
        page.click("text=Make a link");
        assertThat(page.locator("h1")).hasText("A link for " + user);
        Chromium.shoot(page, "link");
        assertThat((Boolean) page.evaluate("window.sameDocument === true")).isTrue();
        page.click("text=Open it here");
        page.click("text=Continue to Sandbox");
        page.fill("#account", user);
        page.click("button[value=allow]");
        assertThat(page.locator("h1")).hasText("Sandbox is connected");

        page.navigate(at("/ui/credentials"));
        Locator row = page.locator("tbody tr");
        assertThat(row).containsText(user);
        assertThat(row.locator(".chip")).hasText("Valid");
        action(row, "Test " + user).click();
        assertThat(page.locator("#notice")).containsText("The provider accepts the token.");
        action(row, "Refresh " + user).click();
        assertThat(page.locator("#notice")).containsText("The token was refreshed.");
        Chromium.shoot(page, "credentials-refreshed");
        assertThat(page.url()).endsWith("/ui/credentials");

        action(row, "Reconnect " + user).click();
        assertThat(page.locator("#link")).containsText("/connect/");
        page.click("text=Open it here");
        page.click("text=Continue to Sandbox");
        page.fill("#account", user);
        page.click("button[value=allow]");
        assertThat(page.locator("h1")).hasText("Sandbox is connected");

        page.navigate(at("/ui/credentials"));
        page.click("tbody th a");
        assertThat(page.locator(".timeline")).containsText("Token refreshed");
        Chromium.shoot(page, "credential");
        page.click("#revoke summary");
        page.fill("#confirm", user);
        Chromium.shoot(page, "revoke");
        page.click("button.danger");
        assertThat(page.locator("#notice")).containsText("The credential is revoked");
        assertThat(page.locator(".standing .chip")).hasText("Revoked");
        assertThat(page.locator(".timeline")).containsText("Credential revoked");
        Chromium.shoot(page, "revoked");
        Api.as(key)
                .queryParam("provider", "sandbox")
                .queryParam("user", user)
                .get("/api/v1/token")
                .then()
                .statusCode(410);
    }

    @Test
    void narrowsAListAndTurnsItsPages() {
        for (int i = 0; i < 27; i++) {
            Map<String, Object> grant = Api.grant();
            grant.put("user", "user-%02d@example.com".formatted(i));
            Api.imported(key, grant);
        }
        Page page = signedIn(1280, 800);
        page.click("header nav >> text=Credentials");
        assertThat(page.locator("tbody tr")).hasCount(25);
        page.click("text=Next page");
        assertThat(page.locator("tbody tr")).hasCount(2);
        Chromium.shoot(page, "credentials-second");
        page.click("text=First page");
        assertThat(page.locator("tbody tr")).hasCount(25);
        page.click(".tabs >> text=Expiring");
        assertThat(page).hasURL(Pattern.compile(".*state=expiring.*"));
        page.fill("#user", "user-07@example.com");
        page.keyboard().press("Tab");
        page.click("#filter");
        assertThat(page.locator("tbody tr")).hasCount(1);
        assertThat(page.url()).contains("user=user-07%40example.com");
        page.fill("#user", "nobody");
        page.click("#filter");
        assertThat(page.locator("main")).containsText("No credential matches.");
        page.goBack();
        assertThat(page.locator("tbody tr")).hasCount(1);
    }

    @Test
    void aClientsSecretGoesInAndNeverComesOut() {
        Page page = signedIn(1280, 900);
        page.click("header nav >> text=Providers");
        assertThat(page.locator("#callback-google")).containsText("/callback/google");
        Chromium.shoot(page, "providers");
        page.locator("li:has(#callback-google)").locator("text=Register the client").click();
        page.fill("#client_id", "the-client");
        page.fill("#client_secret", "CANARY-secret");
        page.click("summary >> text=More");
        page.fill("#redirect_uri", "ftp://nowhere");
        page.click("summary >> text=Assertions");
        Chromium.assertAccessible(page);
        Chromium.shoot(page, "client-form");
        page.click("button.main");
        assertThat(page.locator(".fault")).containsText("must be an absolute http(s) URL");
        complaints.removeIf(text -> text.contains("status of 400"));
        assertThat(page.locator("#client_secret")).hasValue("");
        assertThat(page.locator("#client_id")).hasValue("the-client");
        Chromium.shoot(page, "client-fault");
        page.fill("#redirect_uri", "");
        page.fill("#client_secret", "CANARY-secret");
        page.click("button.main");
        assertThat(page.locator("#notice")).containsText("The client is stored.");
        assertThat(page.locator("tbody")).containsText("the-client");
        Chromium.shoot(page, "clients");
        page.click("tbody th a");
        assertThat(page.locator("main")).containsText("A secret is stored. Leave this empty to keep it.");
        assertThat(page.content()).doesNotContain("CANARY");
        page.click("summary >> text=Delete");
        page.fill("#confirm", "google");
        page.click("button.danger");
        assertThat(page.locator("#notice")).containsText("The client is deleted.");
    }

    @Test
    void rotatesTheMasterKeysAndShowsHowFarThatIs() {
        Page page = signedIn(1280, 800);
        page.click("#nav-keys");
        assertThat(page.locator("tbody tr").first()).containsText("sealing");
        page.click("button.main");
        assertThat(page.locator("#notice")).containsText("The rotation was requested.");
        assertThat(page.locator("#rotation progress")).isVisible();
        Chromium.shoot(page, "rotating");
        assertThat(page.locator("#rotation"))
                .containsText("Done", new com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions()
                        .setTimeout(60_000));
        Chromium.shoot(page, "keys");
    }

    @Test
    void aPollThatFailsIsToldAndPollingGoesOn() {
        Page page = signedIn(1280, 800);
        page.navigate(at("/ui/keys"));
        page.click("button.main");
        assertThat(page.locator("#notice")).containsText("The rotation was requested.");
        rotation("state = 'running', ended_at = NULL, lease_owner = 'x', lease_until = now() + interval '1 minute'");
        page.route("**/ui/keys/rotation*", route -> answer(route, 503, "<title>Away</title><div id=page>Away</div>"));
        page.navigate(at("/ui/keys"));

        assertThat(page.locator("#notice")).containsText("no usable answer (503)");
        assertThat(page.locator("#rotation")).containsText("Running");
        assertThat(page).hasTitle("Keys · Nexus OAuth");
        page.unroute("**/ui/keys/rotation*");
        rotation("lease_until = now()");
        assertThat(page.locator("#rotation"))
                .containsText("Done", new com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions()
                        .setTimeout(60_000));
        assertThat(page.locator("#notice")).not().containsText("no usable answer");
        complaints.removeIf(text -> text.contains("status of 503"));
    }

    private void rotation(String columns) {
        pool.query("UPDATE key_rotation SET " + columns).execute().await().indefinitely();
    }

    private static void answer(Route route, int status, String body) {
        route.fulfill(new Route.FulfillOptions()
                .setStatus(status)
                .setContentType("text/html")
                .setBody(body));
    }

    @Test
    void aRequestThatFailsIsToldAndLeavesThePage() {
        Page page = signedIn(1280, 800);
        page.waitForLoadState(); // with its scripts
        page.route("**/ui/audit", route -> answer(route, 502, "<h1>Bad Gateway</h1>"));
        page.route("**/ui/clients", Route::abort);

        page.click("header nav >> text=Audit");
        assertThat(page.locator("#notice")).hasText("The service gave no usable answer (502). Try again in a moment.");
        assertThat(page.locator("main")).containsText("No account is connected");
        page.click("header nav >> text=Clients");
        assertThat(page.locator("#notice")).hasText("The service gave no usable answer. Try again in a moment.");
        assertThat(page).hasTitle("Overview · Nexus OAuth");
        Chromium.assertAccessible(page);
        page.click("header nav >> text=Credentials");
        assertThat(page.locator("h1")).hasText("Credentials");
        assertThat(page.locator("#notice")).not().containsText("no usable answer");
        complaints.clear();
    }

    @Test
    void whatWasDoneBeforeIsNotSaidOfAFailure() {
        String id = Api.imported(key, Api.grant());
        Page page = signedIn(1280, 800);
        page.navigate(at("/ui/credentials"));
        page.click("tbody .pop summary");
        page.click("tbody .acts >> text=Test");
        assertThat(page.locator("#notice")).containsText("The provider rejects the token.");
        Api.as(key).post("/api/v1/credentials/" + id + "/revoke").then().statusCode(200);

        page.click("tbody .pop summary");
        page.click("tbody .acts >> text=Test");

        assertThat(page.locator("h1.bad")).isVisible();
        assertThat(page.locator("#notice")).isEmpty();
        complaints.removeIf(text -> text.contains("status of 4"));
    }

    @Test
    void aSessionThatIsOverLeadsToWhereOneSignsIn() {
        Page page = signedIn(1280, 800);
        Api.admin()
                .queryParam("tenant", tenant)
                .delete("/api/v1/api-keys/" + key.split("_")[1])
                .then()
                .statusCode(204);

        page.click("header nav >> text=Credentials");

        assertThat(page).hasTitle("Sign in · Nexus OAuth");
        complaints.removeIf(text -> text.contains("status of 401"));
    }

    @Test
    void chosesATenant() {
        Api.imported(key, Api.grant());
        Page page = signedIn(1280, 800, Api.bootstrapKey());
        page.click("#nav-tenant");
        assertThat(page.locator("h1")).hasText("Which tenant?");
        page.navigate(at("/ui/tenant?name=" + tenant.substring(0, 20)));
        Chromium.assertAccessible(page);
        Chromium.shoot(page, "tenant-choice");
        page.click("text=" + tenant);

        assertThat(page.locator("header")).containsText(tenant);
        page.click("header nav >> text=Clients");
        assertThat(page.locator("h1")).hasText("Clients");
        assertThat(page.url()).contains("tenant=" + tenant);
        assertThat(page.locator("#nav-credentials")).hasCount(0);
        Chromium.shoot(page, "tenant");
    }

    @Test
    void aKeyIsMadeForAPurposeShownOnceCopiedAndRevoked() {
        Page page = open(new Browser.NewContextOptions()
                .setPermissions(List.of("clipboard-read", "clipboard-write")));
        signIn(page);
        page.click("header nav >> text=API keys");
        page.click("text=Create a key");
        page.click("text=A service that reads tokens");
        assertThat(page.locator("input[name='role.token-reader']")).isChecked();
        assertThat(page.locator("input[name='role.admin']")).not().isChecked();
        page.fill("#name", "mail-worker");
        page.selectOption("#expires_in", "2592000");
        Chromium.shoot(page, "api-key-form");
        page.click("button.main");

        assertThat(page.locator("h1")).hasText("The key mail-worker");
        String made = page.locator("#key").textContent();
        assertThat(page.url()).doesNotContain("nxo_");
        page.click("button[data-copy=key]");
        assertThat(page.locator("#notice")).containsText("Copied.");
        assertThat(page.evaluate("navigator.clipboard.readText()")).isEqualTo(made);
        assertThat(page.locator("#try")).containsText("Authorization: Bearer " + made);
        Chromium.assertAccessible(page);
        page.click("text=Back to the API keys");
        assertThat(page.locator("main")).not().containsText(made);
        page.goBack();
        assertThat(page.locator("main")).not().containsText(made);

        page.navigate(at("/ui/api-keys"));
        page.locator("tr", new Page.LocatorOptions().setHasText("mail-worker"))
                .locator("text=Revoke")
                .click();
        assertThat(page.locator("h1")).hasText("Revoke the key mail-worker?");
        Chromium.shoot(page, "api-key-revocation");
        page.click("button.danger");
        assertThat(page.locator("#notice")).containsText("The API key is revoked.");
        assertThat(page.locator("main")).not().containsText("mail-worker");
    }

    @Test
    void aPolicyIsWrittenCorrectedAndDeletedByKeyboard() {
        Page page = signedIn(1280, 900);
        page.click("header nav >> text=Policies");
        page.click("text=Write a policy");
        page.click("text=One service reads tokens of one provider");
        assertThat(page.locator("input[name='role.token-reader']")).isChecked(); // the form of the purpose is there
        String name = Api.unique("policy");
        page.fill("#name", name);
        page.fill("#issuer", "https://login.example.com");
        page.fill("#subject", "*****");
        page.fill("#providers", "google");
        page.focus("#providers");
        page.keyboard().press("Enter");
        assertThat(page.locator("#subject-fault")).containsText("must have 4 stars at most");
        assertThat(page.locator("#subject")).hasAttribute("aria-describedby", "subject-note subject-fault");
        Chromium.assertAccessible(page);
        Chromium.shoot(page, "policy-fault");
        complaints.removeIf(text -> text.contains("status of 400"));
        page.fill("#subject", "svc-mail");
        page.keyboard().press("Enter");

        assertThat(page.locator("#notice")).containsText("The policy is stored.");
        assertThat(page.locator("main")).containsText("get access tokens");
        Chromium.shoot(page, "policy");
        page.click("main summary");
        page.fill("#confirm", name);
        page.keyboard().press("Enter");
        assertThat(page.locator("#notice")).containsText("The policy is deleted.");
        assertThat(page.locator("main")).not().containsText(name);
    }

    @Test
    void aTenantIsFoundLookedAtAndShredded() {
        String victim = Api.unique("victim");
        Api.imported(Api.key(victim, Api.ALL_ROLES), Api.grant());
        Page page = signedIn(1280, 900);
        page.click("header nav >> text=Tenants");
        page.fill("#part", victim.substring(0, 20));
        page.click("#search");
        Chromium.shoot(page, "tenants");
        page.click("tbody th a");
        assertThat(page.locator("dl")).containsText("Active credentials");
        page.click("main summary");
        page.fill("#confirm", victim);
        page.check("input[name=force]");
        Chromium.shoot(page, "shred");
        page.click("button.danger");
        assertThat(page.locator("#notice")).containsText("The keys of the tenant are destroyed.");
        assertThat(page.locator("main .chip")).hasText("shredded");
    }

    @Test
    void aLiveClientIsReplacedAfterAQuestion() {
        Api.as(key)
                .body(Map.of("client_id", "the-old", "client_secret", "hidden"))
                .put("/api/v1/clients/github")
                .then()
                .statusCode(200);
        Api.imported(key, Api.grant("provider", "github"));
        Page page = signedIn(1280, 900);
        page.navigate(at("/ui/clients/github"));
        page.fill("#client_id", "the-new");
        page.fill("#client_secret", "CANARY");
        page.click("button.main");
        assertThat(page.locator("#question")).containsText("1 credential at GitHub (OAuth app) has a live grant.");
        complaints.removeIf(text -> text.contains("status of 400"));
        Chromium.assertAccessible(page);
        Chromium.shoot(page, "client-question");
        page.fill("#client_secret", "CANARY");
        page.check("input[name=replace]");
        page.click("button.main");
        assertThat(page.locator("#notice")).containsText("The client is stored.");
        assertThat(page.locator("tbody")).containsText("the-new");
    }

    @Test
    void everyPageIsAccessibleAndFitsAPhoneInTheLightAndInTheDark() {
        Map<String, String> pages = allPages();
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            for (int width : List.of(1280, 390)) {
                Page page = open(new Browser.NewContextOptions()
                        .setColorScheme(scheme)
                        .setViewportSize(width, 740));
                page.navigate(at("/ui"));
                look(page, "sign-in", scheme, width);
                page.fill("#key", key);
                page.click("form button");
                pages.forEach((name, path) -> {
                    page.navigate(at(path));
                    look(page, name, scheme, width);
                });
                page.navigate(at(pages.get("credential")));
                page.click("text=As a table");
                assertThat(page.locator(".figures tbody tr")).hasCount(30);
                look(page, "usage-table", scheme, width);
                page.navigate(at("/ui/credentials"));
                for (int row = 0; row < 3; row++) {
                    page.locator("tbody input[type=checkbox]").nth(row).check();
                }
                look(page, "bulk-selected", scheme, width);
                page.click(".bulk >> text=Revoke");
                look(page, "bulk-revoke", scheme, width);
                page.navigate(at("/ui/api-keys/new?for=connector"));
                page.fill("#name", "an-application");
                page.click("button.main");
                assertThat(page.locator("#key")).isVisible();
                look(page, "api-key-made", scheme, width);
                page.navigate(at("/ui/connect?provider=sandbox"));
                page.fill("#user", user);
                page.click("text=Make a link");
                assertThat(page.locator("#link")).isVisible();
                look(page, "link", scheme, width);
            }
        }
    }

    private static void look(Page page, String name, ColorScheme scheme, int width) {
        Chromium.assertFits(page);
        Chromium.assertAccessible(page);
        Chromium.shoot(page, "all-" + width + "-" + scheme.name().toLowerCase() + "-" + name);
    }

    /** All pages, each with data of every kind. */
    private Map<String, String> allPages() {
        String id = Api.imported(key, Api.grant("scopes", List.of("read", "write")));
        changed("expires_at = now() - interval '1 hour'");
        String dead = changed("status = 'reauth_required', last_error = 'invalid_grant', failures = 1, last_failed_at = now()");
        changed("failures = 2, last_error = 'temporarily_unavailable', last_failed_at = now() - interval '3 minutes'");
        changed("status = 'revoked', revoked_at = now()");
        changed("user_email = 'a-very-long-name-without-any-place-to-break-" + "x".repeat(80) + "@example.com'");
        pool.preparedQuery(
                        """
                        INSERT INTO audit_events (happened_at, tenant_id, operation, provider, user_email, actor, times)
                        SELECT now() - make_interval(hours => h), $1, CASE WHEN h % 9 = 4 THEN 'reauthorization_required' ELSE 'token_refreshed' END,
                          'sandbox', 'a', 'system', 3 + (h * 7) % 11 FROM generate_series(0, 22) AS h""")
                .execute(Tuple.of(tenant))
                .await()
                .indefinitely();
        Api.as(key)
                .body(Map.of("client_id", "the-client", "client_secret", "hidden", "scopes", List.of("read")))
                .put("/api/v1/clients/github")
                .then()
                .statusCode(200);
        Map<String, String> pages = new LinkedHashMap<>();
        pages.put("overview", "/ui");
        pages.put("credentials", "/ui/credentials");
        pages.put("nothing-fits", "/ui/credentials?user=nobody");
        pages.put("credential", "/ui/credentials/" + id);
        pages.put("credential-dead", "/ui/credentials/" + dead);
        pages.put("credential-words", "/ui/credentials/" + github());
        pages.put("revoke", "/ui/credentials/" + id + "?ask=revoke");
        pages.put("connect", "/ui/connect");
        pages.put("machine", "/ui/machine-connections");
        pages.put("providers", "/ui/providers");
        pages.put("clients", "/ui/clients");
        pages.put("client", "/ui/clients/github");
        pages.put("client-new", "/ui/clients/microsoft");
        pages.put("api-keys", "/ui/api-keys?show=all");
        pages.put("api-key-form", "/ui/api-keys/new?for=reader");
        pages.put("api-key-revocation", "/ui/api-keys/" + revocable() + "/revoke");
        pages.put("policies", "/ui/policies");
        pages.put("policy", "/ui/policies/" + policy());
        pages.put("policy-form", "/ui/policies/form/new?for=pod");
        pages.put("tenants", "/ui/tenants");
        pages.put("tenant-page", "/ui/tenants/" + tenant);
        pages.put("tenant-choice", "/ui/tenant");
        rejectedClient();
        pages.put("health", "/ui/health");
        pages.put("audit", "/ui/audit");
        pages.put("keys", "/ui/keys");
        return pages;
    }

    /** With scopes that have words, and one that has none. */
    private String github() {
        Map<String, Object> grant = Api.grant("scopes", List.of("repo", "read:user", "user:email", "codespace"));
        grant.put("provider", "github");
        return Api.imported(key, grant);
    }

    private String revocable() {
        Api.as(key).delete("/api/v1/api-keys/" + Api.key(tenant, "auditor").split("_")[1]);
        return Api.key(tenant, "token-reader", "connector").split("_")[1];
    }

    private String policy() {
        String name = Api.unique("policy");
        Api.admin()
                .body(Map.of(
                        "issuer", "https://kubernetes.default.svc.cluster.local",
                        "subject", "system:serviceaccount:mail:worker",
                        "tenants", List.of(tenant, "another"),
                        "roles", List.of("token-reader"),
                        "providers", List.of("google"),
                        "users", List.of("support@acme.example")))
                .put("/api/v1/policies/" + name)
                .then()
                .statusCode(200);
        return name;
    }

    private void rejectedClient() {
        Api.as(key)
                .body(Map.of(
                        "client_id", "nobody",
                        "client_secret", "wrong",
                        "vars", Map.of("base", Api.publicUrl() + "/sandbox")))
                .put("/api/v1/clients/sandbox")
                .then()
                .statusCode(200);
        Map<String, Object> grant = Api.grant("refresh_token", Api.unique("refresh"));
        Api.as(key).post("/api/v1/credentials/" + Api.imported(key, grant) + "/refresh");
    }

    private String changed(String columns) {
        String id = Api.imported(key, Api.grant("refresh_token", Api.unique("refresh")));
        pool.preparedQuery("UPDATE oauth_credentials SET " + columns + " WHERE credential_id = $1")
                .execute(Tuple.of(UUID.fromString(id)))
                .await()
                .indefinitely();
        return id;
    }

    @Test
    void worksWithoutAScript() {
        Map<String, Object> grant = Api.grant();
        Api.imported(key, grant);
        Page page = open(new Browser.NewContextOptions().setJavaScriptEnabled(false));
        page.navigate(at("/ui/credentials"));
        page.fill("#key", key);
        page.click("form button");
        assertThat(page).hasTitle("Credentials · Nexus OAuth");
        page.click("tbody .pop summary");
        page.click("tbody .acts >> text=Test");
        assertThat(page.locator("#notice")).containsText("The provider rejects the token.");
        for (String part : List.of("Overview", "Providers", "Clients", "Audit", "API keys", "Policies", "Tenants", "Keys")) {
            page.click("header nav >> text=/^" + part + "$/");
            assertThat(page).hasTitle(Pattern.compile(part + " · Nexus OAuth"));
        }
        page.click("#nav-tenant");
        assertThat(page).hasTitle("Tenant · Nexus OAuth");
        page.goBack();
        page.click("header nav >> text=Credentials");
        page.click("tbody .pop summary");
        page.click("tbody .acts >> text=Revoke");
        page.fill("#confirm", (String) grant.get("user"));
        page.click("button.danger");
        assertThat(page.locator("#notice")).containsText("The credential is revoked");
        page.click("text=Sign out");
        assertThat(page).hasTitle("Sign in · Nexus OAuth");
    }

    @Test
    void needsNoMouse() {
        Api.imported(key, Api.grant());
        Page page = signedIn(1280, 800);
        page.navigate(at("/ui"));
        page.keyboard().press("Tab");
        assertThat(page.evaluate("document.activeElement.className")).isEqualTo("skip");
        Chromium.shoot(page, "skip");
        page.keyboard().press("Tab");
        page.keyboard().press("Tab");
        page.keyboard().press("Tab");
        assertThat(page.evaluate("document.activeElement.id")).isEqualTo("nav-credentials");
        page.keyboard().press("Enter");
        assertThat(page).hasTitle("Credentials · Nexus OAuth");
        // where the keyboard was, it still is
        assertThat(page.evaluate("document.activeElement.id")).isEqualTo("nav-credentials");
        assertThat(page.locator("#nav-credentials")).hasAttribute("aria-current", "page");
        assertThat(page.locator("#notice")).containsText("Credentials");
    }

    @Test
    void copiesARedirectUri() {
        Page page = open(new Browser.NewContextOptions()
                .setPermissions(List.of("clipboard-read", "clipboard-write")));
        page.navigate(at("/ui/providers"));
        page.fill("#key", key);
        page.click("form button");
        page.click("button[data-copy=callback-google]");

        assertThat(page.locator("#notice")).containsText("Copied.");
        assertThat(page.evaluate("navigator.clipboard.readText()")).isEqualTo(Api.publicUrl() + "/callback/google");
    }
}
