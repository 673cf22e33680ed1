package io.nexus.oauth.crypto;

import io.nexus.oauth.credential.Secret;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;

/** Keyrings of other replicas. */
public final class Keyrings {

    private Keyrings() {}

    /** One that holds {@code keys} each time it reads them. */
    public static LiveKeyring live(Supplier<List<String>> keys) {
        Supplier<Keyring> source = () -> ring(keys.get());
        return new LiveKeyring(source.get(), source);
    }

    /** A sealer that knows no keys of tenants. */
    public static SecretSealer sealer(LiveKeyring keyring) {
        return new SecretSealer(keyring, null, InstantSource.system(), Randomness.SOURCE);
    }

    /** The id of a key. */
    public static String id(String key) {
        return ring(List.of(key)).primaryId();
    }

    private static Keyring ring(List<String> keys) {
        return Keyring.of(keys.stream().map(Secret::of).toList());
    }
}
