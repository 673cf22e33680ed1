package io.nexus.oauth.testing;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.spi.InetAddressResolver;
import java.net.spi.InetAddressResolverProvider;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The machine's names, and names whose servers take their time: {@code <n>.slow.test} is this machine, six seconds later. */
public class SlowNames extends InetAddressResolverProvider {

    private static final String SLOW = ".slow.test";
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
                if (!host.endsWith(SLOW)) {
                    return builtin.lookupByName(host, policy);
                }
                try {
                    TimeUnit.SECONDS.sleep(SECONDS);
                } catch (InterruptedException e) {
                    throw new UnknownHostException(host);
                }
                return Stream.of(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
            }

            @Override
            public String lookupByAddress(byte[] address) throws UnknownHostException {
                return builtin.lookupByAddress(address);
            }
        };
    }
}
