package io.nexus.oauth.provider.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

/** What holds for every address and every way to write one. */
class AddressPropertyTest {

    private static final AddressRule RULE = new AddressRule(false, List.of());
    private static final UrlRule HTTPS = new UrlRule(false);

    /** What the JDK knows of an address, by words of its own, is never on the public side. */
    @Property
    void nothingSpecialIsTalkedTo(@ForAll @Size(4) byte[] bytes) throws UnknownHostException {
        InetAddress address = InetAddress.getByAddress(bytes);

        if (isSpecial(address)) {
            assertThat(RULE.allows("as.example", address)).isFalse();
        }
    }

    @Property
    void outsideTheGlobalUnicastSpaceNobodyIsTalkedTo(@ForAll @Size(16) byte[] bytes) throws UnknownHostException {
        InetAddress address = InetAddress.getByAddress(bytes);

        if (address.getAddress().length == 16 && (bytes[0] & 0xe0) != 0x20) {
            assertThat(RULE.allows("as.example", address)).isFalse();
        }
    }

    /** An IPv4 address in IPv6: mapped, compatible, translated, 6to4, Teredo; none is a way around the rule. */
    @Property
    void anAddressInsideAnotherIsNoWayAround(@ForAll("specials") byte[] inner) throws UnknownHostException {
        for (String prefix : List.of(
                "00000000000000000000ffff",
                "000000000000000000000000",
                "0000000000000000ffff0000",
                "0064ff9b0000000000000000",
                "0064ff9b0001000000000000",
                "200100000000000000000000")) {
            assertThat(RULE.allows("as.example", address(prefix, inner, 12))).isFalse();
        }
        assertThat(RULE.allows("as.example", address("2002", inner, 2))).isFalse();
    }

    /** Decimal, octal, hexadecimal, short: whoever reads it differently gets an address that is judged all the same, or none. */
    @Property
    void anotherWayToWriteAnAddressIsNoWayAround(@ForAll("specials") byte[] bytes) {
        long number = new BigInteger(1, bytes).longValueExact();
        String octal = "0%o.0%o.0%o.0%o".formatted(bytes[0] & 255, bytes[1] & 255, bytes[2] & 255, bytes[3] & 255);
        String hex = "0x%x.0x%x.0x%x.0x%x".formatted(bytes[0] & 255, bytes[1] & 255, bytes[2] & 255, bytes[3] & 255);
        String shortened = (bytes[0] & 255) + "." + (number & 0xffffff);
        String dotted = "%d.%d.%d.%d".formatted(bytes[0] & 255, bytes[1] & 255, bytes[2] & 255, bytes[3] & 255);

        for (String host : List.of(
                dotted,
                String.valueOf(number),
                shortened,
                octal,
                hex,
                "0x" + Long.toHexString(number),
                "[::ffff:" + dotted + "]")) {
            assertJudged(host);
        }
    }

    @Example
    void aFinalDotIsPartOfNoExemption() throws UnknownHostException {
        AddressRule own = new AddressRule(false, List.of("idp.corp", ".svc.cluster.local"));
        InetAddress inside = InetAddress.getByName("10.1.2.3");

        assertThat(own.allows("idp.corp", inside)).isTrue();
        for (String host :
                List.of("idp.corp.", "evil-idp.corp", "idp.corp.evil", "svc.cluster.local", "x.svc.cluster.local.")) {
            assertThat(own.allows(host, inside)).as(host).isFalse();
        }
    }

    @Property
    void onlyHttpsToAHostAndNothingBesideItIsAUrlForUs(@ForAll("urls") String url) {
        if (HTTPS.fault(url).isEmpty()) {
            URI uri = URI.create(url);
            assertThat(uri.getScheme()).isEqualToIgnoringCase("https");
            assertThat(uri.getHost()).isNotBlank();
            assertThat(uri.getRawUserInfo()).isNull();
            assertThat(uri.getRawFragment()).isNull();
            assertThat(uri.getPort()).isBetween(-1, 65_535).isNotZero();
            assertThat(uri.getRawAuthority()).doesNotContain("@");
            assertThat(url).doesNotContain("\\", "\r", "\n", " ");
        }
    }

    @Property
    void anyTextIsJudged(@ForAll String text) {
        assertThat(HTTPS.fault(text)).isNotNull();
        assertThat(HTTPS.fault("https://" + text)).isNotNull();
    }

    private static void assertJudged(String host) {
        try {
            for (InetAddress address : InetAddress.getAllByName(host)) {
                assertThat(RULE.allows(host, address) && isSpecial(address))
                        .as(host + " is " + address)
                        .isFalse();
            }
        } catch (UnknownHostException e) {
            // nothing to talk to
        }
    }

    private static boolean isSpecial(InetAddress address) {
        return address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isAnyLocalAddress()
                || address.isMulticastAddress();
    }

    private static InetAddress address(String prefix, byte[] inner, int at) throws UnknownHostException {
        byte[] all = new byte[16];
        for (int i = 0; i < prefix.length() / 2; i++) {
            all[i] = (byte) Integer.parseInt(prefix.substring(2 * i, 2 * i + 2), 16);
        }
        System.arraycopy(inner, 0, all, at, 4);
        return InetAddress.getByAddress(all);
    }

    /** Of this machine, of private networks and of clouds' metadata. */
    @Provide
    Arbitrary<byte[]> specials() {
        Arbitrary<Byte> any = Arbitraries.bytes();
        return Arbitraries.oneOf(
                Combinators.combine(any, any, any).as((b, c, d) -> new byte[] {127, b, c, d}),
                Combinators.combine(any, any, any).as((b, c, d) -> new byte[] {10, b, c, d}),
                Combinators.combine(any, any).as((c, d) -> new byte[] {(byte) 192, (byte) 168, c, d}),
                Combinators.combine(any, any).as((c, d) -> new byte[] {(byte) 169, (byte) 254, c, d}));
    }

    @Provide
    Arbitrary<String> urls() {
        Arbitrary<String> scheme =
                Arbitraries.of("https", "HTTPS", "http", "gopher", "file", "jar:https", "", "javascript");
        Arbitrary<String> slashes = Arbitraries.of("://", ":/", ":", ":///", ":\\\\", "//");
        Arbitrary<String> host = Arbitraries.of(
                "as.example",
                "a@b",
                "user:pw@as.example",
                "as.example@evil",
                "[::1]",
                "as.example:0",
                "as.example:99999",
                "as.example:-1",
                "as.example.",
                "１27.0.0.1",
                "as%2eexample",
                "",
                "as.example\r\nX: y",
                "as .example");
        Arbitrary<String> rest = Arbitraries.of("", "/", "/token", "/t#f", "/t?a=b", "/\\evil", "?@evil", "#@evil");
        return Combinators.combine(scheme, slashes, host, rest).as((a, b, c, d) -> a + b + c + d);
    }
}
