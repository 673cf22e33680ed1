package io.nexus.oauth.provider.egress;

import io.smallrye.common.net.CidrAddress;
import io.smallrye.common.net.Inet;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;

/**
 * The addresses that the service may connect to: public ones, private ones of hosts that the operator lists, and this
 * machine where that is allowed for local trials. Special-purpose addresses are those of RFC 6890 and its registries.
 */
public final class AddressRule {

    private static final List<CidrAddress> FORBIDDEN = blocks(
            "0.0.0.0/8",
            "127.0.0.0/8",
            "169.254.0.0/16", // link-local, with the metadata services of clouds
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",
            "2001::/23", // with Teredo, which carries IPv4 addresses
            "2001:db8::/32",
            "2002::/16", // 6to4, likewise
            "3fff::/20",
            "fd00:ec2::/32"); // metadata service of a cloud, by IPv6

    private static final List<CidrAddress> PRIVATE =
            blocks("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7");

    private static final List<CidrAddress> PUBLIC = blocks("0.0.0.0/0", "2000::/3");

    /** The last labels of names that are not for the public: RFC 6761, RFC 6762, RFC 8375, and what networks use. */
    private static final Pattern INTERNAL_NAME = Pattern.compile(
            ".*\\.(localhost|local|localdomain|internal|intranet|private|corp|home|lan|svc|arpa|test|invalid|onion)");

    /** A form that a resolver may read as an address: the last label is a number, also a hexadecimal one. */
    private static final Pattern ADDRESS = Pattern.compile("(.*\\.)?(\\d+|0x[0-9a-f]*)");

    private final boolean loopback;
    private final boolean everything;
    private final List<String> privateHosts;

    /**
     * A rule.
     *
     * @param loopback whether the service may connect to this machine
     * @param privateHosts names, or {@code .suffixes} of names, that may be on a private network
     */
    public AddressRule(boolean loopback, List<String> privateHosts) {
        this(loopback, false, privateHosts);
    }

    private AddressRule(boolean loopback, boolean everything, List<String> privateHosts) {
        this.loopback = loopback;
        this.everything = everything;
        this.privateHosts =
                privateHosts.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
    }

    /** No restriction, for a host that only the operator can name and that gets no request of a tenant's choice. */
    static AddressRule anywhere() {
        return new AddressRule(true, true, List.of());
    }

    /** Whether {@code host} is an address, or could be read as one, and not a name. */
    static boolean isAddress(String host) {
        String name = NoProxyList.plain(host);
        return name.contains(":") || ADDRESS.matcher(name).matches();
    }

    /**
     * Whether a proxy may resolve {@code host}, which the service cannot resolve itself: a public name, judged by its
     * form, or one that the operator lists.
     */
    boolean allowsName(String host) {
        String name = NoProxyList.plain(host);
        return isPrivate(name)
                || (name.contains(".")
                        && !isAddress(name)
                        && !INTERNAL_NAME.matcher(name).matches());
    }

    /** Whether the service may connect to {@code host} at {@code address}. */
    boolean allows(String host, InetAddress address) {
        if (everything) {
            return true;
        }
        if (address.isLoopbackAddress()) {
            return loopback;
        }
        if (isIn(FORBIDDEN, address)) {
            return false;
        }
        return isIn(PRIVATE, address) ? isPrivate(host) : isIn(PUBLIC, address);
    }

    /** Whether {@code address} is on a private network. */
    static boolean isPrivate(InetAddress address) {
        return isIn(PRIVATE, address);
    }

    private boolean isPrivate(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        return privateHosts.stream().anyMatch(each -> each.startsWith(".") ? name.endsWith(each) : name.equals(each));
    }

    private static boolean isIn(List<CidrAddress> blocks, InetAddress address) {
        return blocks.stream().anyMatch(block -> block.matches(address));
    }

    private static List<CidrAddress> blocks(String... texts) {
        return Arrays.stream(texts)
                .map(text -> Objects.requireNonNull(Inet.parseCidrAddress(text), text))
                .toList();
    }
}
