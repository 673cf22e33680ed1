package io.nexus.oauth.monitor.startup;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.provider.Providers;
import io.nexus.oauth.provider.catalogue.CatalogueReader;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrivateHostChecksTest {

    private static final String KEY = "nexus.oauth.providers.private-hosts";
    private static final List<ProviderProfile> SHIPPED = CatalogueReader.read(List.of(), Providers.RULE);

    private static List<Finding> findings(String everywhere, List<ProviderProfile> profiles) {
        return PrivateHostChecks.findings(
                new Settings(new SmallRyeConfigBuilder()
                        .withDefaultValue(KEY, everywhere)
                        .build()),
                profiles);
    }

    private static ProviderProfile profile(String yaml) {
        return Providers.profile(yaml);
    }

    @Test
    void aSuffixForAllNamesTheProvidersThatLeadThere() {
        assertThat(findings("idp.corp,.svc.cluster.local", SHIPPED))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.key()).isEqualTo(KEY);
                    assertThat(finding.stops()).isFalse();
                    assertThat(finding.line())
                            .contains(
                                    ".svc.cluster.local lets", "oidc", "oauth2", "keycloak", "gitlab", "private_hosts")
                            .doesNotContain("google", "github", "salesforce", "microsoft", "slack");
                });
    }

    @Test
    void singleHostsAreFine() {
        assertThat(findings("idp.corp,10.1.2.3", SHIPPED)).isEmpty();
        assertThat(findings("", SHIPPED)).isEmpty();
    }

    @Test
    void providersWithoutAFreeHostOrWithHostsOfTheirOwnAreFine() {
        List<ProviderProfile> fine = new ArrayList<>();
        fine.add(profile(Providers.ENDPOINTS));
        fine.add(profile("private_hosts: [sso.corp]\nvars: {a: {pattern: '.+'}}\n" + endpoints("https://${a}/t")));
        fine.add(profile("vars: {a: {allow_hosts: [.a.example]}}\n" + endpoints("https://${a}/t")));
        fine.add(profile("vars: {a: {pattern: '.+'}}\n" + endpoints("https://as.example/${a}")));

        assertThat(findings(".corp", fine)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "token: {url: 'https://${a}/t'}",
                "token: {url: 'https://as.example${a}'}",
                "refresh: {url: '${a}'}",
                "revoke: {style: rfc7009, url: 'https://x.${a}/r'}",
                "identity: {id: /sub, url: 'https://${a}/u'}",
                "issuer: 'https://${a}'"
            })
    void everyEndpointThatIsCalledCounts(String yaml) {
        ProviderProfile free =
                Providers.over("vars: {a: {pattern: 'https://.+'}}\n" + endpoints("https://as.example/t"), yaml);

        assertThat(findings(".corp", List.of(free))).hasSize(1);
    }

    @Test
    void aTopLevelDomainOfOneProviderStopsTheStart() {
        assertThat(findings("", List.of(profile("private_hosts: [.com, .corp]\n" + Providers.ENDPOINTS))))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.key()).isEqualTo("providers.x.private_hosts");
                    assertThat(finding.weight()).isEqualTo(Finding.Weight.SEVERE);
                });
    }

    private static String endpoints(String token) {
        return "authorize: {url: 'https://as.example/a'}\ntoken: {url: '" + token + "'}\n";
    }
}
