package io.nexus.oauth.provider;

import static io.nexus.oauth.provider.Providers.await;
import static io.nexus.oauth.provider.Providers.client;
import static io.nexus.oauth.provider.Providers.credential;
import static io.nexus.oauth.provider.Providers.request;
import static io.nexus.oauth.provider.Providers.shipped;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.credential.AccountIdentity;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.OAuthProvider.AuthorizationRequest;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.catalogue.RefreshTimerRule;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.provider.reply.RevocationReply;
import io.nexus.oauth.provider.reply.ValidationReply;
import io.nexus.oauth.testing.PlainHttp.Request;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeclarativeProviderTest {

    private static final String START =
            "client_id=my+client&redirect_uri=https%3A%2F%2Fus.example%2Fcb%3Fa%3Db&response_type=code";
    private static final String PKCE =
            "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

    @Test
    void googleUrlIsTheOriginalsPlusPkce() {
        assertThat(url("google", Map.of(), "email", "https://www.googleapis.com/auth/drive"))
                .isEqualTo("https://accounts.google.com/o/oauth2/v2/auth?" + START
                        + "&scope=email+https%3A%2F%2Fwww.googleapis.com%2Fauth%2Fdrive"
                        + "&access_type=offline&prompt=consent&state=state-1" + PKCE);
    }

    @Test
    void microsoftUrlIsTheOriginalsPlusPkce() {
        assertThat(url("microsoft", Map.of(), "Files.Read"))
                .isEqualTo("https://login.microsoftonline.com/common/oauth2/v2.0/authorize?" + START
                        + "&scope=Files.Read+offline_access&response_mode=query&state=state-1" + PKCE);
        assertThat(url("microsoft", Map.of("tenant", "contoso.com"), "offline_access", "x"))
                .startsWith("https://login.microsoftonline.com/contoso.com/oauth2/v2.0/authorize?")
                .contains("&scope=offline_access+x&");
    }

    @Test
    void slackKnowsTwoSetsOfScopesAndNoPkce() {
        assertThat(url("slack", Map.of(), "chat:write", "user:search:read", "bot:users:read", "user:files:read"))
                .isEqualTo("https://slack.com/oauth/v2/authorize?" + START
                        + "&scope=chat%3Awrite%2Cusers%3Aread&user_scope=search%3Aread%2Cfiles%3Aread&state=state-1");
    }

    @Test
    void aScopeWithACommaIsSentAsOne() {
        assertThat(await(shipped("github").authorizationUrl(client(), request("a,b", "c")))
                        .toString())
                .contains("scope=a%2Cb+c");
    }

    @Test
    void standardParametersCanBeRenamedAndLeftOut() {
        OAuthProvider provider = Providers.provider(Providers.profile("""
                        vars: {aud: {optional: true}, zone: {default: eu}}
                        authorize:
                          url: "https://as.example/a?v=2"
                          params: {audience: "${aud}", zone: "${zone}"}
                          param_names: {client_id: app_id}
                          omit: [response_type]
                          pkce: "off"
                          scope_param: scopes
                        token: {url: "https://as.example/t"}
                        """), Duration.ofSeconds(1));

        assertThat(await(provider.authorizationUrl(client(), request("a"))).toString())
                .isEqualTo(
                        "https://as.example/a?v=2&app_id=my+client&redirect_uri=https%3A%2F%2Fus.example%2Fcb%3Fa%3Db"
                                + "&scopes=a&zone=eu&state=state-1");
        assertThat(await(provider.authorizationUrl(client(Map.of("aud", "x y")), request()))
                        .toString())
                .contains("&audience=x+y&zone=eu")
                .doesNotContain("scopes");
    }

    /** A parameter of OpenID Connect. Others refuse it, ignore it, or have a name of their own for it. */
    @Test
    void theLoginHintGoesToProvidersThatKnowIt() {
        assertThat(hinted("google")).contains("&login_hint=ann%40example.com&state=");
        assertThat(hinted("github")).contains("&login=ann%40example.com&state=").doesNotContain("login_hint");
        assertThat(hinted("zoom")).doesNotContain("ann");
        assertThat(await(shipped("google").authorizationUrl(client(), request()))
                        .toString())
                .doesNotContain("login_hint");
    }

    private static String hinted(String id) {
        AuthorizationRequest plain = request();
        return await(shipped(id)
                        .authorizationUrl(
                                client(),
                                new AuthorizationRequest(
                                        plain.redirectUri(),
                                        plain.scopes(),
                                        "ann@example.com",
                                        plain.wanted(),
                                        plain.state(),
                                        plain.codeVerifier())))
                .toString();
    }

    @ParameterizedTest
    @CsvSource({
        "microsoft, tenant, a/b, must match",
        "microsoft, tenant, 'evil.example/?x=', must match",
        "github, host, evil.example, must name one of the allowed hosts",
        "github, host, ghe.com.evil.example, must name one of the allowed hosts",
        "salesforce, login_host, evil.example, must name one of the allowed hosts",
        "oauth2, authorize_url, ftp://x, must match",
        "oauth2, authorize_url, http://as.example/a, https",
        "oauth2, authorize_url, https://u@as.example/a, user information",
        "oauth2, authorize_url, https://as.example/a#b, fragment",
        "oauth2, authorize_url, https:///a, host",
        "oauth2, authorize_url, https://as.example:70000/a, no such port",
        "oauth2, authorize_url, https://a b, not a URL"
    })
    void valuesOfVariablesAreCheckedAtEachUse(String id, String name, String value, String message) {
        assertThatThrownBy(() -> url(id, Map.of(name, value)))
                .isInstanceOf(ProviderException.Misconfigured.class)
                .hasMessageContaining(message)
                .hasMessageContaining(id)
                .hasMessageNotContaining(value);
    }

    @Test
    void allowedHostsAreSuffixes() {
        assertThat(url("github", Map.of("host", "acme.ghe.com")))
                .startsWith("https://acme.ghe.com/login/oauth/authorize?");
    }

    @Test
    void callersMetadataNeverChoosesTheHost() throws IOException {
        try (ScriptedServer evil = new ScriptedServer(ScriptedServer.json(200, "{}"))) {
            assertThatThrownBy(() -> await(
                            shipped("oauth2").refreshToken(client(), credential(Map.of("token_url", evil.url())))))
                    .isInstanceOf(ProviderException.Misconfigured.class);
            assertThat(evil.requests()).isEmpty();
        }
    }

    @Test
    void metadataOfTheGrantFillsVariablesThatComeFromIt() throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.json(200, "{\"id\":7}"))) {
            OAuthProvider provider = Providers.at(
                    server,
                    "vars: {shard: {from: \"token:/shard\", pattern: \"[a-z]+\"}}\n" + "identity: {url: \""
                            + server.url() + "/${shard}/me/${client_id}\", id: /id}");

            assertThat(Providers.identity(provider, client(), credential(Map.of("shard", "eu"))))
                    .contains(new AccountIdentity("7", null));
            assertThat(server.request().target()).isEqualTo("/eu/me/my+client");
        }
    }

    @Test
    void theAnswerAboutTheAccountFillsVariables() throws IOException {
        try (ScriptedServer server =
                new ScriptedServer(ScriptedServer.json(200, "{\"id\":7,\"dc\":\"us6\",\"forged\":\"a\\u000ab\"}"))) {
            OAuthProvider provider = Providers.at(
                    server,
                    "vars: {dc: {from: \"identity:/dc\"}, forged: {from: \"identity:/forged\"}}\nidentity: {url: \""
                            + server.url() + "/me\", id: /id}");

            assertThat(await(provider.account(client(), credential(Map.of("kept", "1")))))
                    .hasValueSatisfying(account -> {
                        assertThat(account.metadata()).isEqualTo(Map.of("dc", "us6"));
                        assertThat(credential(Map.of("kept", "1", "dc", "us1"))
                                        .withIdentity(account.identity(), account.metadata())
                                        .metadata())
                                .isEqualTo(Map.of("kept", "1", "dc", "us6"));
                    });
        }
    }

    @Test
    void identityIsAskedWithTheTokenInTheHeader() throws IOException {
        try (ScriptedServer server =
                new ScriptedServer(ScriptedServer.json(200, "{\"sub\":\"42\",\"name\":{\"display\":\"Ann\"}}"))) {
            OAuthProvider provider = Providers.at(
                    server,
                    "identity: {url: \"%s/me\", method: POST, body: \"null\", headers: {X-A: b}, auth_scheme: Token, id: /sub, label: [/email, /name/display]}"
                            .formatted(server.url()));

            assertThat(Providers.identity(provider, client(), credential())).contains(new AccountIdentity("42", "Ann"));
            Request request = server.request();
            assertThat(request.target()).isEqualTo("/me");
            assertThat(request.body()).isEqualTo("null");
            assertThat(request.headers())
                    .containsEntry("authorization", "Token at-1")
                    .containsEntry("x-a", "b")
                    .containsEntry("content-type", "application/json");
        }
    }

    @ParameterizedTest
    @CsvSource({"200, '{}'", "200, <html>", "200, '{\"sub\":{}}'", "401, '{\"sub\":\"1\"}'", "500, ''"})
    void identityIsEmptyWhereItIsNotTold(int status, String body) throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.json(status, body))) {
            assertThat(await(withUserinfo(server).account(client(), credential())))
                    .isEmpty();
        }
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.reset())) {
            assertThat(await(withUserinfo(server).account(client(), credential())))
                    .isEmpty();
        }
    }

    @Test
    void identityIsReadFromWhatWasKept() {
        assertThat(Providers.identity(
                        shipped("slack"), client(), credential(Map.of("team_id", "T1", "authed_user_id", "U1"))))
                .contains(new AccountIdentity("T1", "U1"));
        assertThat(await(shipped("slack").account(client(), credential()))).isEmpty();
        assertThat(await(shipped("slack").validateToken(client(), credential())))
                .isEqualTo(ValidationReply.UNSUPPORTED);
    }

    @ParameterizedTest
    @CsvSource({"200, VALID", "204, VALID", "401, INVALID", "403, UNKNOWN", "500, UNKNOWN"})
    void validatesByAskingWhoTheAccountIs(int status, ValidationReply expected) throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.json(status, "{}"))) {
            assertThat(await(withUserinfo(server).validateToken(client(), credential())))
                    .isEqualTo(expected);
            assertThat(server.request().method()).isEqualTo("GET");
            assertThat(server.request().headers()).containsEntry("authorization", "Bearer at-1");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'<html>Welcome to the hotel</html>', UNKNOWN",
        "'{\"error\":\"invalid_token\"}', UNKNOWN",
        "OK, UNKNOWN",
        "'', VALID",
        "'{\"id\":1}', VALID",
        "'eyJh.eyJz.c2ln', VALID"
    })
    void aPageIsNoAccount(String body, ValidationReply expected) throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.reply(200, "", body))) {
            assertThat(await(withUserinfo(server).validateToken(client(), credential())))
                    .isEqualTo(expected);
        }
    }

    @Test
    void refusalForWantOfScopeSaysNothingOfTheToken() throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.json(401, "{}"))) {
            OAuthProvider provider =
                    Providers.at(server, "identity: {url: \"" + server.url() + "/me\", id: /sub, scope: openid email}");

            assertThat(await(provider.validateToken(client(), credential(Scopes.parse("drive")))))
                    .isEqualTo(ValidationReply.UNKNOWN);
            assertThat(await(provider.validateToken(client(), credential(Scopes.parse("drive openid")))))
                    .isEqualTo(ValidationReply.INVALID);
        }
    }

    @Test
    void importedTokenThatCouldForgeAHeaderIsNotSent() throws IOException {
        OAuthCredential forged = OAuthCredential.bearer(Secret.of("a\r\nX-Canary: 1"), null, null);
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.json(200, "{}"))) {
            assertThatThrownBy(() -> await(withUserinfo(server).validateToken(client(), forged)))
                    .isInstanceOf(ProviderException.Misconfigured.class)
                    .hasMessageNotContaining("Canary");
            assertThatThrownBy(() -> await(revocable(server, "style: bearer").revokeToken(client(), forged)))
                    .isInstanceOf(ProviderException.Misconfigured.class);
            assertThat(server.requests()).isEmpty();
        }
    }

    /** They lead elsewhere than where it was made. */
    @Test
    void nothingOfAGrantIsSentWithOtherVariables() throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.json(200, "{\"id\": 1}"))) {
            OAuthProvider provider = withUserinfo(server);
            OAuthCredential here = credential().withClient("my client", Map.of("host", "here.example"));
            for (ClientRegistration other : List.of(client(), client(Map.of("host", "elsewhere.example")))) {
                for (Uni<?> use : List.of(
                        provider.refreshToken(other, here),
                        provider.revokeToken(other, here),
                        provider.validateToken(other, here),
                        provider.account(other, here),
                        provider.refreshToken(client(Map.of("host", "here.example")), credential()))) {
                    assertThatThrownBy(() -> await(use))
                            .isInstanceOfSatisfying(
                                    ProviderException.Misconfigured.class,
                                    wrong -> assertThat(wrong.code()).isEqualTo("client_changed"));
                }
            }
            assertThat(server.requests()).isEmpty();
            assertThat(await(provider.validateToken(client(Map.of("host", "here.example")), here)))
                    .isEqualTo(ValidationReply.VALID);
        }
    }

    @Test
    void variableWithControlCharactersIsRefused() {
        OAuthProvider provider = Providers.provider(
                Providers.profile("vars: {a: {}}\nauthorize: {url: \"https://as.example/a\", params: {a: \"${a}\"}}\n"
                        + "token: {url: \"https://as.example/t\"}"),
                Duration.ofSeconds(1));

        assertThatThrownBy(() -> await(provider.authorizationUrl(client(Map.of("a", "x\r\ny")), request())))
                .isInstanceOf(ProviderException.Misconfigured.class)
                .hasMessageContaining("control characters");
    }

    @Test
    void validationWithoutAnAnswerIsUnknown() throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.reset())) {
            assertThat(await(withUserinfo(server).validateToken(client(), credential())))
                    .isEqualTo(ValidationReply.UNKNOWN);
        }
        assertThat(await(shipped("oauth2").validateToken(client(), credential())))
                .isEqualTo(ValidationReply.UNSUPPORTED);
    }

    @ParameterizedTest
    @CsvSource({
        "200, '', REVOKED",
        "204, '', REVOKED",
        "400, '{\"error\":\"unsupported_token_type\"}', REFUSED",
        "400, '{\"error\":\"invalid_token\"}', REVOKED",
        "400, '', REFUSED",
        "401, '', UNKNOWN",
        "403, '{\"error\":\"invalid_client\"}', UNKNOWN",
        "403, '', REFUSED",
        "404, '', REFUSED",
        "302, '', UNKNOWN",
        "429, '', UNKNOWN",
        "500, '', UNKNOWN",
        "503, '', UNKNOWN"
    })
    void revocationSaysWhatIsCertain(int status, String body, RevocationReply expected) throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.json(status, body))) {
            assertThat(await(revocable(server, "style: rfc7009").revokeToken(client(), credential())))
                    .isEqualTo(expected);
            assertThat(server.requests()).hasSize(1);
        }
    }

    /** A vendor's own way of deleting a grant says so when there is none. */
    @ParameterizedTest
    @ValueSource(strings = {"style: bearer", "style: delete"})
    void aGrantThatIsNotThereIsRevoked(String style) throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.json(404, ""))) {
            assertThat(await(revocable(server, style).revokeToken(client(), credential())))
                    .isEqualTo(RevocationReply.REVOKED);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "200, '{\"access_token\":\"renewed\",\"expires_in\":60}', 200, REVOKED, 3",
        "200, '{\"access_token\":\"renewed\",\"expires_in\":60}', 401, UNKNOWN, 3",
        "400, '{\"error\":\"invalid_grant\"}', 200, REVOKED, 2",
        "503, '', 200, UNKNOWN, 2"
    })
    void aDeadTokenThatIsItsOwnProofIsRenewedToEndItsGrant(
            int refreshed, String body, int revoked, RevocationReply expected, int requests) throws IOException {
        try (ScriptedServer server = new ScriptedServer(
                ScriptedServer.json(401, ""), ScriptedServer.json(refreshed, body), ScriptedServer.json(revoked, ""))) {
            OAuthProvider provider = revocable(server, "style: bearer");

            assertThat(await(provider.revokeToken(client(), credential()))).isEqualTo(expected);
            assertThat(server.requests()).hasSize(requests);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "true, '', REVOKED",
        "false, token_revoked, REVOKED",
        "false, fatal_error, UNKNOWN",
        "false, missing_scope, REFUSED"
    })
    void okFalseIsARefusal(boolean ok, String error, RevocationReply expected) throws IOException {
        try (ScriptedServer server =
                new ScriptedServer(ScriptedServer.json(200, "{\"ok\":%s,\"error\":\"%s\"}".formatted(ok, error)))) {
            OAuthProvider provider = revocable(server, "style: bearer}\nresponse: {ok: {at: /ok, is: true}");

            assertThat(await(provider.revokeToken(client(), credential()))).isEqualTo(expected);
        }
    }

    @Test
    void lostRevocationIsUnknown() throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.reset())) {
            assertThat(await(revocable(server, "style: rfc7009").revokeToken(client(), credential())))
                    .isEqualTo(RevocationReply.UNKNOWN);
        }
    }

    @Test
    void revocationFollowsRfc7009() throws IOException {
        assertThat(revocation("style: rfc7009, params: {a: b}", credential()).body())
                .isEqualTo(
                        "a=b&token=rt-1&token_type_hint=refresh_token&client_id=my+client&client_secret=s%3Ae%26cret");
        assertThat(revocation("style: rfc7009, auth: none", credential()).body())
                .isEqualTo("token=rt-1&token_type_hint=refresh_token");
        assertThat(revocation("style: rfc7009, auth: none, token: access", credential())
                        .body())
                .isEqualTo("token=at-1&token_type_hint=access_token");
        assertThat(revocation("style: rfc7009, auth: none", OAuthCredential.bearer(Secret.of("at"), null, null))
                        .body())
                .isEqualTo("token=at&token_type_hint=access_token");
    }

    @Test
    void bearerRevocationSendsTheTokenInTheHeader() throws IOException {
        Request request = revocation("style: bearer, token: access", credential());

        assertThat(request.headers())
                .containsEntry("authorization", "Bearer at-1")
                .containsEntry("content-length", "0");
        assertThat(request.body()).isEmpty();
    }

    @Test
    void bearerRevocationCanDelete() throws IOException {
        Request request = revocation("style: bearer, token: access, method: DELETE", credential());

        assertThat(request.method()).isEqualTo("DELETE");
        assertThat(request.headers()).containsEntry("authorization", "Bearer at-1");
        assertThat(request.body()).isEmpty();
    }

    @Test
    void uninstallNamesTheAccountAndNoToken() throws IOException {
        Request request = revocation(
                "style: uninstall, auth: secret_as_user, params: {client_id: '${client_id}', account: '${account}'}}\n"
                        + "vars: {account: {from: 'token:/account', pattern: 'acct_[0-9]+'}",
                credential(Map.of("account", "acct_1")));

        assertThat(request.body()).isEqualTo("client_id=my+client&account=acct_1");
        assertThat(request.headers())
                .containsEntry(
                        "authorization", "Basic " + Base64.getEncoder().encodeToString("s%3Ae%26cret:".getBytes()));
    }

    @Test
    void theSecretCanFollowTheWordClient() throws IOException {
        assertThat(revocation("style: rfc7009, auth: client_scheme", credential())
                        .headers())
                .containsEntry("authorization", "Client s%3Ae%26cret");
    }

    @Test
    void deletionNamesTheClientInTheUrlAndTheTokenInTheBody() throws IOException {
        Request request =
                revocation("style: delete, auth: basic, body: json, param: access_token, token: access", credential());

        assertThat(request.method()).isEqualTo("DELETE");
        assertThat(request.target()).isEqualTo("/revoke/my+client");
        assertThat(request.body()).isEqualTo("{\"access_token\":\"at-1\"}");
        assertThat(request.headers())
                .containsEntry(
                        "authorization",
                        "Basic " + Base64.getEncoder().encodeToString("my+client:s%3Ae%26cret".getBytes()));
    }

    @Test
    void someProvidersCannotRevoke() {
        assertThat(await(shipped("microsoft").revokeToken(client(), credential())))
                .isEqualTo(RevocationReply.UNSUPPORTED);
        assertThat(await(shipped("oauth2").revokeToken(client(), credential()))).isEqualTo(RevocationReply.UNSUPPORTED);
    }

    @ParameterizedTest
    @CsvSource({
        "google, https://accounts.google.com, true",
        "google, https://accounts.google.com.evil.example, false",
        "microsoft, https://login.microsoftonline.com/9188040d/v2.0, true",
        "microsoft, https://login.microsoftonline.com/a/b/v2.0, false",
        "microsoft, https://login.microsoftonline-com/9188040d/v2.0, false",
        "dropbox, https://whatever.example, true"
    })
    void knowsItsIssuer(String id, String issuer, boolean expected) {
        assertThat(await(shipped(id).isIssuer(client(), issuer))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"google", "sandbox"})
    void tellsItsProfileAndTimers(String id) {
        OAuthProvider provider = shipped(id);

        assertThat(provider.id()).isEqualTo(id);
        assertThat(provider.timers())
                .isEqualTo(RefreshTimerRule.timers(provider.profile().refresh()));
    }

    @Test
    void profileOfANameAloneHasDefaults() {
        ProviderProfile profile = new ProviderProfile("x", "X");

        assertThat(profile.refresh().isRotating()).isTrue();
        assertThat(profile.errors().permanent()).containsExactly("invalid_grant");
        OAuthProvider provider = Providers.provider(profile, Duration.ofSeconds(1));
        assertThat(await(provider.isIssuer(client(), "https://any.example"))).isTrue();
        assertThatThrownBy(() -> await(provider.authorizationUrl(client(), request())))
                .isInstanceOf(ProviderException.Misconfigured.class)
                .hasMessageContaining("authorization endpoint");
    }

    private static String url(String id, Map<String, String> vars, String... scopes) {
        return await(shipped(id).authorizationUrl(client(vars), request(scopes)))
                .toString();
    }

    private static OAuthProvider withUserinfo(ScriptedServer server) {
        return Providers.at(server, "identity: {url: \"" + server.url() + "/me\", id: /sub}");
    }

    /** The provider asks to wait: the tokens are still valid, so the revocation must be tried again. */
    @ParameterizedTest
    @CsvSource({
        "400, slow_down, UNKNOWN",
        "403, rate_limit_exceeded, UNKNOWN",
        "400, E_4711, UNKNOWN",
        "401, E_4711, UNKNOWN",
        "200, E_4711, UNKNOWN",
        "200, E_4712, REFUSED",
        "400, E_4712, REFUSED"
    })
    void aRevocationThatIsRateLimitedIsNotGivenUp(int status, String code, RevocationReply expected)
            throws IOException {
        try (ScriptedServer server =
                new ScriptedServer(ScriptedServer.json(status, "{\"ok\":false,\"error\":\"" + code + "\"}"))) {
            OAuthProvider provider = Providers.at(
                    server,
                    "errors: {rate_limited: [e_4711]}\nresponse: {ok: {at: /ok}}\n"
                            + "revoke: {style: rfc7009, auth: none, url: \"" + server.url() + "/revoke\"}");

            assertThat(await(provider.revokeToken(client(), credential()))).isEqualTo(expected);
        }
    }

    private static OAuthProvider revocable(ScriptedServer server, String revoke) {
        return Providers.at(server, "revoke: {url: \"" + server.url() + "/revoke/${client_id}\", " + revoke + "}");
    }

    private static Request revocation(String revoke, OAuthCredential credential) throws IOException {
        try (ScriptedServer server = new ScriptedServer(ScriptedServer.reply(200, "", ""))) {
            await(revocable(server, revoke).revokeToken(client(), credential));
            return server.request();
        }
    }
}
