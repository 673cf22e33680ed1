package io.nexus.oauth.crypto;

import io.nexus.oauth.credential.Secret;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The master keys: one primary, which seals, and any number of older ones, which only decrypt. The id of a key is 8 hex
 * digits, derived with a label of its own, so that it reveals nothing about other derived keys. Immutable and
 * thread-safe; prints only ids.
 */
public final class Keyring {

    private static final byte[] ID_INFO = "nexus-oauth|key-id".getBytes(StandardCharsets.US_ASCII);

    /** Keys that everybody knows: 32 zero bytes, and the key of Fernet's published test vectors. */
    private static final List<String> PUBLISHED_KEYS =
            List.of("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "cw_0x689RpI-jtRR7oE8h_eQsKImvJapLeSbXpwF4e4=");

    private static final int MIN_DISTINCT_BYTES = 16;

    private final String primaryId;
    /**
     * The HKDF extract of each key (RFC 5869 section 2.2) by id, in the given order. The keys themselves are not kept.
     */
    private final Map<String, byte[]> extracted;
    /** The ids of keys that are not random. */
    private final Set<String> guessable;

    private Keyring(Map<String, byte[]> extracted, Set<String> guessable) {
        this.primaryId = extracted.keySet().iterator().next();
        this.extracted = extracted;
        this.guessable = Set.copyOf(guessable);
    }

    /**
     * A keyring from text keys: 32 bytes in base64url, padded or not, with optional white space around. The first key
     * is the primary. Throws {@link CryptoException.InvalidKey} for a malformed or duplicate key, and {@link
     * IllegalArgumentException} for an empty list.
     */
    public static Keyring of(List<Secret> keys) {
        return from(IntStream.range(0, keys.size())
                .mapToObj(i -> new MasterKey("key " + (i + 1), keys.get(i)))
                .toList());
    }

    static Keyring from(List<MasterKey> keys) {
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("a keyring has at least one key");
        }
        Map<String, byte[]> extracted = new LinkedHashMap<>();
        Set<String> guessable = new HashSet<>();
        for (MasterKey key : keys) {
            byte[] secret = extract(key, guessable);
            if (extracted.putIfAbsent(idOf(secret), secret) != null) {
                throw new CryptoException.InvalidKey(key.source(), "the key is in the keyring already");
            }
        }
        return new Keyring(extracted, guessable);
    }

    /** The id of the key that seals. */
    public String primaryId() {
        return primaryId;
    }

    /** The ids of all keys: the primary first, then the older ones in order. */
    public Set<String> ids() {
        return Collections.unmodifiableSet(extracted.keySet());
    }

    /** Whether the keyring has the key {@code id}. */
    public boolean holds(String id) {
        return extracted.containsKey(id);
    }

    /** These keys, followed by those of {@code older} that are not among them. */
    Keyring and(Keyring older) {
        Map<String, byte[]> all = new LinkedHashMap<>(extracted);
        older.extracted.forEach(all::putIfAbsent);
        Set<String> guessableIds = new HashSet<>(guessable);
        guessableIds.addAll(older.guessable);
        return new Keyring(all, guessableIds);
    }

    /** These keys without {@code id}, which must not be the only one. */
    Keyring without(String id) {
        Map<String, byte[]> rest = new LinkedHashMap<>(extracted);
        rest.remove(id);
        return new Keyring(rest, guessable);
    }

    /** Whether a key is published, printable text or a pattern, so that it can be guessed. */
    public boolean holdsGuessableKey() {
        Set<String> known = of(PUBLISHED_KEYS.stream().map(Secret::of).toList()).ids();
        return extracted.keySet().stream().anyMatch(id -> known.contains(id) || guessable.contains(id));
    }

    /** Random keys practically never match: one in 10^13 is all printable, and far fewer have so few distinct bytes. */
    private static boolean isPattern(byte[] key) {
        Set<Byte> different = new HashSet<>();
        boolean printable = true;
        for (byte each : key) {
            different.add(each);
            printable &= each >= 0x20 && each < 0x7f;
        }
        return printable || different.size() < MIN_DISTINCT_BYTES;
    }

    /** The ids. */
    @Override
    public String toString() {
        return "[keyring " + String.join(", ", extracted.keySet()) + "]";
    }

    /** 32 bytes derived from key {@code id} and {@code info}; the caller wipes them. */
    byte[] derive(String id, byte[] info) {
        byte[] secret = extracted.get(id);
        if (secret == null) {
            throw new CryptoException.UnknownKey(id);
        }
        return Hkdf.expand(secret, info);
    }

    private static byte[] extract(MasterKey key, Set<String> guessable) {
        byte[] master = key.bytes();
        try {
            byte[] secret = Hkdf.extract(master);
            if (isPattern(master)) {
                guessable.add(idOf(secret));
            }
            return secret;
        } finally {
            Arrays.fill(master, (byte) 0);
        }
    }

    private static String idOf(byte[] secret) {
        return HexFormat.of().formatHex(Hkdf.expand(secret, ID_INFO), 0, 4);
    }
}
