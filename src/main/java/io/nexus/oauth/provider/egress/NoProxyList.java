package io.nexus.oauth.provider.egress;

import io.smallrye.common.net.CidrAddress;
import io.smallrye.common.net.Inet;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The hosts that are reached without the proxy, in the usual form of {@code NO_PROXY}. This machine always is. A block
 * of addresses counts only for hosts that are written as addresses. Never resolves a name.
 */
final class NoProxyList {

    /** A name; its last label has a letter, or it would be an address. */
    private static final Pattern NAME = Pattern.compile("(\\*?\\.)?((?:[a-z0-9_-]+\\.)*(?!\\d+\\.?$)[a-z0-9_-]+)\\.?");

    private static final Pattern WITH_PORT = Pattern.compile("(\\[[^]]+]|[^:]+):(\\d{1,5})");

    private final List<Entry> entries = new ArrayList<>();

    /**
     * One entry.
     *
     * @param every whether it is each host
     * @param name the name in lower case, or null
     * @param below whether only names below {@code name} are meant
     * @param block the block of addresses, or null
     * @param port the port; 0 is each port
     */
    private record Entry(
            boolean every,
            @Nullable String name,
            boolean below,
            @Nullable CidrAddress block,
            int port) {

        boolean matches(String host, @Nullable InetAddress address, int at) {
            if (port != 0 && port != at) {
                return false;
            }
            if (every) {
                return true;
            }
            if (block != null) {
                return address != null && block.matches(address);
            }
            return name != null && address == null && (host.endsWith("." + name) || (!below && host.equals(name)));
        }
    }

    /** The list of {@code texts}; each entry without a meaning adds a sentence to {@code faults}. */
    NoProxyList(List<String> texts, List<String> faults) {
        for (String text : texts) {
            String entry = text.strip().toLowerCase(Locale.ROOT);
            if (!entry.isEmpty()) {
                read(entry).ifPresentOrElse(entries::add, () -> faults.add("\"" + entry + "\" is not a host"));
            }
        }
    }

    /** Whether {@code host} at {@code port} is reached without the proxy. */
    boolean contains(String host, int port) {
        String name = plain(host);
        InetAddress address = address(name);
        if (name.equals("localhost")
                || name.endsWith(".localhost")
                || (address != null && address.isLoopbackAddress())) {
            return true;
        }
        return entries.stream().anyMatch(each -> each.matches(name, address, port));
    }

    /** Whether every host is reached without the proxy. */
    boolean isEverything() {
        return entries.stream().anyMatch(each -> each.every && each.port == 0);
    }

    /** {@code host} in lower case, without brackets and the final dot. */
    static String plain(String host) {
        String name = host.toLowerCase(Locale.ROOT);
        if (name.startsWith("[") && name.endsWith("]")) {
            return name.substring(1, name.length() - 1);
        }
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }

    private static Optional<Entry> read(String entry) {
        Optional<Entry> whole = read(entry, 0);
        if (whole.isPresent()) {
            return whole;
        }
        Matcher parts = WITH_PORT.matcher(entry);
        if (!parts.matches()) {
            return Optional.empty();
        }
        int port = Integer.parseInt(parts.group(2));
        return port == 0 || port > 65_535 ? Optional.empty() : read(parts.group(1), port);
    }

    private static Optional<Entry> read(String host, int port) {
        if (host.equals("*")) {
            return Optional.of(new Entry(true, null, false, null, port));
        }
        if (host.contains("/")) {
            return Optional.ofNullable(Inet.parseCidrAddress(host))
                    .map(block -> new Entry(false, null, false, block, port));
        }
        InetAddress address = address(plain(host));
        if (address != null) {
            int bits = address.getAddress().length * Byte.SIZE;
            return Optional.of(new Entry(false, null, false, CidrAddress.create(address, bits), port));
        }
        Matcher name = NAME.matcher(host);
        return name.matches()
                ? Optional.of(new Entry(false, name.group(2), name.group(1) != null, null, port))
                : Optional.empty();
    }

    /** The address that {@code host} is written as, or null; an IPv4 address within IPv6 is the IPv4 address. */
    private static @Nullable InetAddress address(String host) {
        byte[] bytes = Inet.parseInetAddressToBytes(host);
        try {
            return bytes == null ? null : InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            return null;
        }
    }
}
