package io.nexus.oauth.provider;

import static io.nexus.oauth.provider.Providers.ENDPOINTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.catalogue.ProvidersConfig;
import io.nexus.oauth.provider.egress.ForwardProxy;
import io.nexus.oauth.provider.egress.UrlRule;
import io.nexus.oauth.provider.entry.ProfileTerm.Rotation;
import io.nexus.oauth.provider.oidc.NoOidcClients;
import io.nexus.oauth.provider.reply.ProviderException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProviderCatalogueTest {

    private static final String MINE = "providers:\n  mine:\n    authorize: {url: \"https://a.example/a\"}\n"
            + "    token: {url: \"https://a.example/t\"}\n";

    @TempDir
    Path folder;

    @Test
    void shippedCatalogueIsValid() {
        ProviderCatalogue catalogue = catalogue("production", false);

        assertThat(catalogue.all())
                .extracting(OAuthProvider::id)
                .contains(
                        "google",
                        "google-service-account",
                        "microsoft",
                        "dropbox",
                        "box",
                        "docusign",
                        "github",
                        "github-app",
                        "github-installation",
                        "gitlab",
                        "slack",
                        "atlassian",
                        "zoom",
                        "salesforce",
                        "okta",
                        "auth0",
                        "keycloak",
                        "oidc",
                        "oauth2")
                .endsWith("oidc", "oauth2");
        assertThat(catalogue.get("google").profile().name()).isEqualTo("Google");
        assertThat(catalogue.find("nobody")).isEmpty();
        assertThatThrownBy(() -> catalogue.get("nobody")).isInstanceOf(ProviderException.UnknownProvider.class);
        catalogue.atStart(new jakarta.enterprise.event.Startup());
    }

    @Test
    void sandboxIsLocal() {
        ProviderProfile sandbox = catalogue("local", true).get("sandbox").profile();

        assertThat(sandbox.localOnly()).isTrue();
        assertThat(sandbox.refresh().rotation()).isEqualTo(Rotation.ALWAYS);
        assertThat(sandbox.refresh().reuseRevokesGrant()).isTrue();
        assertThat(sandbox.ttl().access()).isEqualTo(Duration.ofSeconds(120));
        assertThat(catalogue("local", false).find("sandbox")).isPresent();
    }

    @Test
    void anEntryInheritsMapByMap() {
        ProviderProfile app = catalogue("production", false).get("github-app").profile();

        assertThat(app.token().headers()).isEqualTo(Map.of("Accept", "application/json"));
        assertThat(app.ttl().endless()).isFalse();
        assertThat(app.ttl().access()).isEqualTo(Duration.ofHours(8));
        assertThat(app.ttl().refreshIdle()).isEqualTo(Duration.ofDays(180));
        assertThat(app.errors().permanent()).contains("bad_refresh_token");
    }

    @Test
    void operatorsFileAddsAndReplaces() throws IOException {
        Path file =
                Files.writeString(folder.resolve("one.yaml"), MINE + "  google:\n    extends: mine\n    name: Ours\n");
        ProviderCatalogue catalogue = catalogue("production", false, file);

        assertThat(catalogue.all()).hasSize(catalogue("production", false).all().size() + 1);
        assertThat(catalogue.get("google").profile().name()).isEqualTo("Ours");
        assertThat(catalogue.get("google").profile().token().url()).isEqualTo("https://a.example/t");
        assertThat(catalogue.get("mine").profile().name()).isEqualTo("mine");
    }

    @Test
    void directoryStandsForItsFilesInOrder() throws IOException {
        Files.writeString(folder.resolve("b.yml"), MINE + "    name: second\n");
        Files.writeString(folder.resolve("a.yaml"), MINE + "    name: first\n");
        Files.writeString(folder.resolve("c.yaml.bak"), "not read");

        assertThat(catalogue("production", false, folder).get("mine").profile().name())
                .isEqualTo("second");
    }

    @Test
    void nullRemovesWhatWasInherited() throws IOException {
        Path file = Files.writeString(
                folder.resolve("x.yaml"),
                "providers:\n  plain:\n    extends: google\n    authorize: {params: {prompt: null}}\n");

        assertThat(catalogue("production", false, file)
                        .get("plain")
                        .profile()
                        .authorize()
                        .params())
                .isEqualTo(Map.of("access_type", "offline"));
    }

    @Test
    void allFaultsAreReportedAtOnce() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Providers.profile("nmae: X\ntoken: {url: \"https://a.example/t\", auth: magic}"))
                .withMessageContaining("3 faults")
                .withMessageContaining("my.yaml: x: nmae: unknown or unsupported key")
                .withMessageContaining("my.yaml: x: token.auth: must be one of")
                .withMessageContaining("my.yaml: x: authorize.url: is missing");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "upgrade: {url: 'https://a.example/u'} | upgrade.grant: is missing",
                "upgrade: {grant: longer, url: 'http://a.example/u'} | upgrade.url: must be https",
                "upgrade: {grant: longer, method: PUT} | upgrade.method: must be one of [POST, GET]",
                "upgrade: {grant: longer, params: {a: '${who}'}} | upgrade.params: the variable who is not declared",
                "upgrade: {grant: longer, subject: x} | upgrade.subject: unknown or unsupported key",
                "response: {tokens: {}} | response.tokens: unknown or unsupported key",
                "token: {auth: kerberos} | token.auth: must be one of",
                "revoke: {style: remove} | revoke.style: must be one of",
                "revoke: {style: uninstall, url: 'https://a.example/r'} | revoke.params: is missing",
                "revoke: {style: bearer, method: PUT} | revoke.method: must be one of [POST, GET, DELETE]",
                "revoke: {style: uninstall, method: DELETE} | revoke.method: must be one of [POST, GET]",
                "revoke: {style: rfc7009} | revoke.url: is missing",
                "revoke: {body: query} | revoke.body: a token must not travel in a URL",
                "revoke: {style: delete, method: POST} | revoke.method: must be one of [DELETE]",
                "identity: {id: /sub} | identity.url: is missing",
                "identity: {id: sub} | identity.id: must be a JSON pointer, which starts with /",
                "identity: {label: [name]} | identity.label: must be a JSON pointer, which starts with /",
                "identity: {label: /name} | identity.label: must be a list",
                "response: {access_token: x} | response.access_token: must be a JSON pointer, which starts with /",
                "response: {expires_at: {at: x}} | response.expires_at.at: must be a JSON pointer, which starts with /",
                "response: {expires_at: {at: /x, format: julian}} | response.expires_at.format: must be one of",
                "response: {unit: h} | response.unit: must be one of [s, ms, min]",
                "response: {ok: {at: /ok, was: 1}} | response.ok.was: unknown",
                "ttl: {access: -5} | ttl.access: must be a duration",
                "ttl: {refresh: {idle: soon}} | ttl.refresh.idle: must be a duration",
                "ttl: [1] | ttl: must be a map",
                "refresh: {grace_s: -1} | refresh.grace_s: must be a duration",
                "refresh: {rotation: sometimes} | refresh.rotation: must be one of [never, maybe, always]",
                "refresh: {method: PUT} | refresh.method: must be one of [POST, GET]",
                "refresh: {send_scope: 'yes'} | refresh.send_scope: must be true or false",
                "refresh: {url: 'http://a.example/r'} | refresh.url: must be https",
                "refresh: {url: 'a.example/r'} | refresh.url: is not an absolute URL",
                "refresh: {url: 'https://a.example/r#x'} | refresh.url: must have neither user information nor a fragment",
                "refresh: {url: 'https://a b'} | refresh.url: is not a URL",
                "refresh: {url: 'https://a.example/${who}'} | refresh.url: the variable who is not declared",
                "refresh: {url: 'https://a.example/${Who}'} | refresh.url: is not a valid template",
                "authorize: {params: {a: '${who}'}} | authorize.params: the variable who is not declared",
                "token: {params: {a: '${who'}} | token.params: is not a valid template",
                "token: {headers: {'A B': x}} | token.headers.A B: is not a header",
                "token: {headers: {A: \"x\\r\\nB: c\"}} | token.headers.A: is not a header",
                "api: {base: '${who}'} | api.base: the variable who is not declared",
                "name: 5 | name: must be text",
                "issuer: {issuer_template: x} | issuer.url: is missing",
                "issuer: 'http://as.example' | issuer: must be https",
                "vars: {Who: {}} | vars.Who: a variable is named by",
                "vars: {client_id: {}} | vars.client_id: a variable is named by",
                "vars: {a: {pattern: '('}} | vars.a.pattern: is not a regular expression",
                "vars: {a: {pattern: '[a-z]', default: '5'}} | vars.a.default: must match [a-z]",
                "vars: {a: {allow_hosts: [.x.example], default: y.example}} | vars.a.default: must name one of the allowed hosts: .x.example",
                "vars: {a: {from: 'header:/x'}} | vars.a.from: must be input",
                "vars: {a: {color: red}} | vars.a.color: unknown",
                "authorize: {params: {a: [1]}} | authorize.params.a: must be text",
                "errors: {permanent_http: [9000]} | errors.permanent_http: must hold HTTP statuses",
                "extends: nobody | extends: there is no provider nobody",
                "extends: x | extends: forms a cycle"
            })
    void eachMistakeIsNamed(String yaml, String finding) {
        String rest = yaml.startsWith("authorize") || yaml.startsWith("token") ? "" : ENDPOINTS;

        assertThatIllegalStateException()
                .isThrownBy(() -> Providers.profile(rest + yaml))
                .withMessageContaining("my.yaml: x: " + finding);
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://${a}/t", "https://x.${a}.example/t", "${a}/t", "https://as.example${a}"})
    void variableThatCanChangeTheHostNeedsABound(String url) {
        String template = "vars: {a: %s}\nauthorize: {url: \"https://a.example\"}\ntoken: {url: \"" + url + "\"}";

        assertThatIllegalStateException()
                .isThrownBy(() -> Providers.profile(template.formatted("{}")))
                .withMessageContaining("my.yaml: x: token.url: the variable a can change the host");
        assertThat(Providers.profile(template.formatted("{pattern: \"[a-z]+\"}"))
                        .vars())
                .hasSize(1);
        assertThat(Providers.profile(template.formatted("{allow_hosts: [.x.example]}"))
                        .vars())
                .hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://${a}/t", "ftp://${a}/t"})
    void variableHostNeedsHttps(String url) {
        assertThatIllegalStateException()
                .isThrownBy(() -> Providers.profile(
                        "vars: {a: {pattern: x}}\nauthorize: {url: \"https://a.example\"}\ntoken: {url: \"" + url
                                + "\"}"))
                .withMessageContaining("token.url: must be https");
    }

    @Test
    void neededEndpointCannotDependOnAnOptionalVariable() {
        assertThatIllegalStateException()
                .isThrownBy(
                        () -> Providers.profile(
                                "vars: {a: {pattern: x, optional: true}}\nauthorize: {url: \"https://a.example\"}\ntoken: {url: \"${a}\"}"))
                .withMessageContaining("token.url: uses the optional variable a");
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:8080/t, true",
        "http://localhost/t, true",
        "'http://[::1]/t', true",
        "http://as.example/t, false",
        "http://127.0.0.1.evil.example/t, false",
        "https://as.example/t, true"
    })
    void httpIsForThisMachineAndByPermission(String url, boolean allowed) {
        assertThat(new UrlRule(true).fault(url).isEmpty()).isEqualTo(allowed);
        assertThat(new UrlRule(false).fault(url).isEmpty()).isEqualTo(url.startsWith("https"));
    }

    @ParameterizedTest
    @CsvSource({
        "'providers: [1]', providers: must be a map",
        "'provider: {}', provider: unknown",
        "'providers: {A B: {}}', A B: a provider",
        "'providers: {x: 5}', x: must be a map",
        "'providers: {x: {name: a, name: b}}', not YAML",
        "'providers: {', not YAML: line"
    })
    void brokenFilesAreNamed(String text, String finding) {
        assertThatIllegalStateException()
                .isThrownBy(() -> Providers.parse(text, Providers.RULE))
                .withMessageContaining("my.yaml: ")
                .withMessageContaining(finding);
    }

    @Test
    void missingFileIsNamed() {
        assertThatIllegalStateException()
                .isThrownBy(() -> catalogue("production", false, folder.resolve("none.yaml")))
                .withMessageContaining("none.yaml: cannot be read");
    }

    @Test
    void circleOfTwoIsFound() {
        assertThatIllegalStateException()
                .isThrownBy(() -> Providers.parse("providers: {a: {extends: b}, b: {extends: a}}", Providers.RULE))
                .withMessageContaining("my.yaml: a: extends: forms a cycle")
                .withMessageContaining("my.yaml: b: extends: forms a cycle");
    }

    static ProviderCatalogue catalogue(String mode, boolean insecure, Path... files) {
        ProvidersConfig config = new ProvidersConfig() {
            @Override
            public Optional<List<Path>> files() {
                return files.length == 0 ? Optional.empty() : Optional.of(List.of(files));
            }

            @Override
            public Optional<List<String>> privateHosts() {
                return Optional.empty();
            }

            @Override
            public Optional<Path> caFile() {
                return Optional.empty();
            }

            @Override
            public boolean allowInsecureHttp() {
                return insecure;
            }
        };
        return new ProviderCatalogue(
                config,
                mode,
                Providers.VERTX,
                Providers.CLOCK,
                (provider, endpoint, outcome, took) -> {},
                ForwardProxy.NONE,
                NoOidcClients.tokens());
    }
}
