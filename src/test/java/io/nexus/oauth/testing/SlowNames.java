package io.nexus.oauth.testing;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The machine's names, and others. {@code <n>.slow.test} and {@code <n>.slow.example} are this machine, six seconds later. {@code
 * 8-8-8-8.and.10-0-0-1.address.test} has these two addresses. Names below {@code unresolved.example} and {@code internal} have none.
 */
public class SlowNames extends InetAddressResolverProvider {

    private static final Pattern SLOW = Pattern.compile(".*\\.slow\\.(test|example)");
    private static final Pattern UNRESOLVED = Pattern.compile(".*\\.(unresolved\\.example|internal)");
    private static final String ADDRESS = ".address.test";
    private static final long SECONDS = 6;

    @Override
    public String name() {
        return "slow names";
    }

    @Override
    public InetAddressResolver get(Configuration configuration) {
        InetAddressResolver builtin = configuration.builtinResolver();
        return new InetAddressResolver() {
            @Override
            public Stream<InetAddress> lookupByName(String host, LookupPolicy policy) throws UnknownHostException {
                if (UNRESOLVED.matcher(host).matches()) {
                    throw new UnknownHostException(host);
                }
                if (host.endsWith(ADDRESS)) {
                    return addresses(host.substring(0, host.length() - ADDRESS.length()));
                }
                if (!SLOW.matcher(host).matches()) {
                    return builtin.lookupByName(host, policy);
                }
                try {
                    TimeUnit.SECONDS.sleep(SECONDS);
                } catch (InterruptedException e) {
                    throw new UnknownHostException(host);
                }
                return Stream.of(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
            }

            private static Stream<InetAddress> addresses(String name) throws UnknownHostException {
                List<InetAddress> found = new ArrayList<>();
                for (String each : name.split("\\.and\\.")) {
                    found.add(InetAddress.getByName(each.replace('-', '.')));
                }
                return found.stream();
            }

            @Override
            public String lookupByAddress(byte[] address) throws UnknownHostException {
                return builtin.lookupByAddress(address);
            }
        };
    }
}
