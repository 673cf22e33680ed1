package io.nexus.oauth.provider.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressRuleTest {

    private static final AddressRule PRODUCTION = new AddressRule(false, List.of());
    private static final AddressRule OWN_NETWORK = new AddressRule(false, List.of("idp.corp", ".Svc.Cluster.local"));
    private static final AddressRule LOCAL = new AddressRule(true, List.of());

    private static InetAddress at(String literal) throws UnknownHostException {
        return InetAddress.getByName(literal);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "1.1.1.1",
                "8.8.8.8",
                "9.255.255.255",
                "11.0.0.0",
                "100.63.255.255",
                "100.128.0.0",
                "126.255.255.255",
                "128.0.0.0",
                "169.253.255.255",
                "169.255.0.0",
                "172.15.255.255",
                "172.32.0.0",
                "192.0.1.0",
                "192.167.255.255",
                "192.169.0.0",
                "198.17.255.255",
                "198.20.0.0",
                "223.255.255.255",
                "2001:200::1",
                "2606:4700::1111",
                "2a00:1450::1",
                "3ffe::1",
                "::ffff:8.8.8.8"
            })
    void publicAddressIsAllowedToEverybody(String literal) throws UnknownHostException {
        assertThat(PRODUCTION.allows("as.example", at(literal))).isTrue();
        assertThat(LOCAL.allows("as.example", at(literal))).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0.0.0.0",
                "0.1.2.3",
                "169.254.0.1",
                "169.254.169.254",
                "192.0.0.1",
                "192.0.2.1",
                "192.88.99.1",
                "198.18.0.1",
                "198.19.255.255",
                "198.51.100.7",
                "203.0.113.7",
                "224.0.0.1",
                "239.255.255.255",
                "240.0.0.1",
                "255.255.255.255",
                "::",
                "::7f00:1",
                "64:ff9b::a9fe:a9fe",
                "64:ff9b:1::1",
                "100::1",
                "2001::1",
                "2001:1ff::1",
                "2001:db8::1",
                "2002:7f00:1::",
                "3fff::1",
                "fe80::1",
                "fec0::1",
                "ff02::1",
                "fd00:ec2::254",
                "::ffff:169.254.169.254",
                "4000::1"
            })
    void specialAddressIsAllowedToNobody(String literal) throws UnknownHostException {
        assertThat(PRODUCTION.allows("as.example", at(literal))).isFalse();
        assertThat(OWN_NETWORK.allows("idp.corp", at(literal))).isFalse();
        assertThat(LOCAL.allows("as.example", at(literal))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.1",
                "10.255.255.255",
                "100.64.0.1",
                "100.127.255.255",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.0.1",
                "192.168.255.255",
                "fc00::1",
                "fdff::1",
                "::ffff:10.0.0.1"
            })
    void privateAddressIsForTheHostsThatAreSaidToBeThere(String literal) throws UnknownHostException {
        assertThat(PRODUCTION.allows("idp.corp", at(literal))).isFalse();
        assertThat(LOCAL.allows("idp.corp", at(literal))).isFalse();
        assertThat(OWN_NETWORK.allows("idp.corp", at(literal))).isTrue();
        assertThat(OWN_NETWORK.allows("IDP.Corp", at(literal))).isTrue();
        assertThat(OWN_NETWORK.allows("keycloak.auth.svc.cluster.local", at(literal)))
                .isTrue();
        assertThat(OWN_NETWORK.allows("evil-idp.corp", at(literal))).isFalse();
        assertThat(OWN_NETWORK.allows("svc.cluster.local.evil.example", at(literal)))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1"})
    void thisMachineIsForTryingThingsOut(String literal) throws UnknownHostException {
        assertThat(PRODUCTION.allows("as.example", at(literal))).isFalse();
        assertThat(OWN_NETWORK.allows("idp.corp", at(literal))).isFalse();
        assertThat(LOCAL.allows("localhost", at(literal))).isTrue();
    }
}
