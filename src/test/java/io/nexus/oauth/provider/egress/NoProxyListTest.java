package io.nexus.oauth.provider.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which hosts are reached without the proxy. */
class NoProxyListTest {

    private static NoProxyList list(String... entries) {
        List<String> faults = new ArrayList<>();
        NoProxyList list = new NoProxyList(List.of(entries), faults);
        assertThat(faults).isEmpty();
        return list;
    }

    @ParameterizedTest
    @CsvSource({
        "idp.corp, idp.corp",
        "idp.corp, IDP.Corp",
        "idp.corp, idp.corp.",
        "IDP.corp., idp.corp",
        "idp.corp, eu.idp.corp",
        ".corp, idp.corp",
        "*.corp, idp.corp",
        "corp, idp.corp",
        "kubernetes, kubernetes",
        "1password.example, 1password.example",
        "*, anything.example",
        "10.1.2.3, 10.1.2.3",
        "10.0.0.0/8, 10.1.2.3",
        "10.0.0.0/8, [::ffff:10.1.2.3]",
        "fd00::/8, [fd12::1]",
        "fd12::1, [fd12::1]",
        "[fd12::1], [fd12:0::1]",
        "idp.corp:443, idp.corp",
        "*:443, idp.corp",
        "[fd12::1]:443, [fd12::1]",
        "10.1.2.3:443, 10.1.2.3",
    })
    void containsTheHost(String entry, String host) {
        assertThat(list("other.example", " " + entry + " ", "").contains(host, 443))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "idp.corp, idp.corp.example",
        "idp.corp, myidp.corp",
        ".corp, corp",
        "*.idp.corp, idp.corp",
        ".corp, mycorp",
        "idp.corp:8443, idp.corp",
        "*:8443, idp.corp",
        "10.0.0.0/8, 11.0.0.1",
        // a block is not compared with what a name resolves to, nor with a form that only some read as an address
        "10.0.0.0/8, 10-0-0-1.address.test",
        "10.0.0.0/8, 0x0a.0.0.1",
        "10.1.2.3, 10.1.2.30",
    })
    void doesNotContainTheHost(String entry, String host) {
        assertThat(list(entry).contains(host, 443)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"localhost", "LOCALHOST.", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]"
            })
    void thisMachineIsNeverReachedThroughTheProxy(String host) {
        assertThat(list().contains(host, 443)).isTrue();
        assertThat(list().contains("a" + host.replaceAll("\\W", "") + ".example", 443))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://idp.corp",
                "idp corp",
                "idp.*",
                "**",
                "10.0.0.0/99",
                "10.0.0",
                "10.1.2.300",
                "3",
                "a:0",
                "a:70000",
                "a..b",
                ":443",
                "a/b",
                "-x:y"
            })
    void anEntryWithoutAMeaningIsAFault(String entry) {
        List<String> faults = new ArrayList<>();
        NoProxyList list = new NoProxyList(List.of(entry), faults);
        assertThat(faults).hasSize(1).first().asString().contains(entry);
        assertThat(list.contains("idp.corp", 443)).isFalse();
    }

    @Test
    void aStarIsEverything() {
        assertThat(list("*").isEverything()).isTrue();
        assertThat(list("*:443", ".corp").isEverything()).isFalse();
        assertThat(list().isEverything()).isFalse();
    }
}
