package io.nexus.oauth.crypto;

import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.SecretPlace;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Seals secrets for a place and decrypts them there. Each secret has its own Fernet key, derived by HKDF-SHA256 from a
 * master key and the place, because Fernet has no associated data. So a ciphertext copied to another tenant, row or
 * column cannot be decrypted. A secret of a tenant also needs the tenant's key, so that destroying that key destroys
 * the secret. Thread-safe; does not block.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5869">RFC 5869</a>
 * @see <a href="https://github.com/fernet/spec/blob/master/Spec.md">the Fernet specification</a>
 */
@Singleton
public final class SecretSealer {

    /** Input of the key derivation: changing a letter makes all stored secrets unreadable. */
    private static final String SEAL_LABEL = "nexus-oauth|v1|";

    private static final String TENANT_LABEL = "nexus-oauth|v2|";

    private static final String MAC_LABEL = "nexus-oauth|mac|";

    private final LiveKeyring keyring;
    private final @Nullable TenantKeys tenants;
    private final InstantSource time;
    private final SecureRandom random;

    /** Seals under the first key that all replicas hold, and decrypts under any key. */
    @Inject
    public SecretSealer(LiveKeyring keyring, TenantKeys tenants) {
        this(keyring, tenants, InstantSource.system(), Randomness.SOURCE);
    }

    /** Always seals under the primary key of {@code keyring}, and decrypts under any key. */
    public SecretSealer(Keyring keyring, TenantKeys tenants) {
        this(LiveKeyring.of(keyring), tenants, InstantSource.system(), Randomness.SOURCE);
    }

    /** As {@link #SecretSealer(Keyring, TenantKeys)}, without tenant keys: it cannot decrypt secrets that need one. */
    public SecretSealer(Keyring keyring) {
        this(keyring, InstantSource.system(), Randomness.SOURCE);
    }

    SecretSealer(Keyring keyring, InstantSource time, SecureRandom random) {
        this(LiveKeyring.of(keyring), null, time, random);
    }

    SecretSealer(LiveKeyring keyring, @Nullable TenantKeys tenants, InstantSource time, SecureRandom random) {
        this.keyring = keyring;
        this.tenants = tenants;
        this.time = time;
        this.random = random;
    }

    /**
     * Seals under the sealing key and the tenant's key; two calls return different texts. Throws {@link
     * IllegalArgumentException} when the secret has no UTF-8 form, {@link CryptoException.NoCommonKey} when the other
     * replicas could not decrypt it, and as {@link TenantKeys#sealing}.
     */
    public SealedSecret seal(Secret secret, SecretPlace place) {
        requireCommonKey();
        return sealAnswer(secret, place);
    }

    /**
     * As {@link #seal}, for a token response. A response cannot be requested twice, so it is always sealed: without a
     * common key under the last key that sealed. The caller checks {@link #canSeal} before the request.
     */
    public SealedSecret sealAnswer(Secret secret, SecretPlace place) {
        return seal(secret, place, tenants == null ? null : tenants.sealing(place.tenant()));
    }

    /** As {@link #seal}, without the tenant's key. */
    public SealedSecret sealUnderMaster(Secret secret, SecretPlace place) {
        requireCommonKey();
        return seal(secret, place, null);
    }

    private SealedSecret seal(Secret secret, SecretPlace place, @Nullable TenantKey tenantKey) {
        byte[] plaintext = Utf8.encode(secret.reveal());
        String keyId = keyring.sealingId();
        Fernet fernet = fernet(keyId, place, tenantKey);
        try {
            String marker = tenantKey == null ? "" : tenantKey.id() + ":";
            return new SealedSecret(keyId + "." + marker + fernet.encrypt(plaintext));
        } finally {
            fernet.wipe();
            Arrays.fill(plaintext, (byte) 0);
        }
    }

    /**
     * Decrypts with the keys that the text names. Throws {@link CryptoException.UnknownKey} when the keyring lacks the
     * master key, {@link CryptoException.TenantShredded} or {@link CryptoException.TenantKeyUnavailable} when the tenant's key
     * is not loaded, and {@link CryptoException.Tampered} when the text was altered or sealed for another place.
     */
    public Secret unseal(SealedSecret sealed, SecretPlace place) {
        Fernet fernet = fernet(sealed.keyId(), place, tenantKey(sealed, place));
        try {
            return Secret.of(Utf8.decodeAndWipe(fernet.decrypt(sealed.ciphertext())));
        } finally {
            fernet.wipe();
        }
    }

    private @Nullable TenantKey tenantKey(SealedSecret sealed, SecretPlace place) {
        if (sealed.tenantKeyId().isEmpty()) {
            return null;
        }
        if (tenants == null) {
            throw new CryptoException.TenantKeyUnavailable();
        }
        return tenants.opening(place.tenant(), sealed.tenantKeyId().get());
    }

    /**
     * As {@link #sealAnswer}, for a text whose secrets are already sealed, to protect it from being altered or moved.
     * Does not use the tenant's key.
     */
    public SealedSecret sealText(String text, SecretPlace place) {
        return seal(Secret.of(text), place, null);
    }

    /** As {@link #unseal}, for a text of {@link #sealText}. */
    public String unsealText(SealedSecret sealed, SecretPlace place) {
        return unseal(sealed, place).reveal();
    }

    /** Whether the keys of the other replicas are known and they can decrypt what this replica seals. */
    public boolean canSeal() {
        return keyring.knowsOtherReplicas() && keyring.seals();
    }

    /** The id of the key that seals. */
    public String sealingId() {
        return keyring.sealingId();
    }

    /** Whether sealing again would not move a text from the key {@code keyId} to another key. */
    public boolean sealsUnder(String keyId) {
        return keyring.sealingId().equals(keyId) || !keyring.seals();
    }

    private void requireCommonKey() {
        if (!keyring.seals()) {
            throw new CryptoException.NoCommonKey();
        }
    }

    /**
     * The digest of {@code secret} for {@code purpose} under the sealing key; it changes only with that key. Throws
     * {@link CryptoException.NoCommonKey} as {@link #seal} does.
     */
    public KeyedDigest digest(String purpose, Secret secret) {
        requireCommonKey();
        String keyId = keyring.sealingId();
        return new KeyedDigest(keyId, mac(keyId, purpose, secret));
    }

    /**
     * Whether {@code digest} is that of {@code secret} for {@code purpose}; compares in constant time. Throws {@link
     * CryptoException.UnknownKey} when the keyring lacks the digest's key.
     */
    public boolean matches(KeyedDigest digest, String purpose, Secret secret) {
        return MessageDigest.isEqual(
                mac(digest.keyId(), purpose, secret).getBytes(StandardCharsets.UTF_8),
                digest.hex().getBytes(StandardCharsets.UTF_8));
    }

    /** The digests of {@code secret} for {@code purpose} under every key of the keyring, to look up an older digest. */
    public List<KeyedDigest> digests(String purpose, Secret secret) {
        Keyring all = keyring.all();
        byte[] info = Utf8.encode(MAC_LABEL + purpose);
        return all.ids().stream()
                .map(id -> new KeyedDigest(id, mac(all.derive(id, info), secret)))
                .toList();
    }

    private String mac(String keyId, String purpose, Secret secret) {
        return mac(keyring.derive(keyId, Utf8.encode(MAC_LABEL + purpose)), secret);
    }

    /** HMAC-SHA256 as hex; wipes {@code key}. */
    private static String mac(byte[] key, Secret secret) {
        byte[] plaintext = Utf8.encode(secret.reveal());
        try {
            return HexFormat.of().formatHex(Hkdf.hmac(key, 0, key.length).doFinal(plaintext));
        } finally {
            Arrays.fill(key, (byte) 0);
            Arrays.fill(plaintext, (byte) 0);
        }
    }

    private Fernet fernet(String keyId, SecretPlace place, @Nullable TenantKey tenantKey) {
        byte[] key = keyring.derive(keyId, info(tenantKey == null ? SEAL_LABEL : TENANT_LABEL, place));
        return new Fernet(tenantKey == null ? key : tenantKey.bind(key), time, random);
    }

    /**
     * Each part follows its length, so that two places never have the same bytes. Variables follow in the order of
     * their names.
     */
    private static byte[] info(String label, SecretPlace place) {
        List<String> parts = new ArrayList<>(List.of(place.tenant().value(), place.owner(), place.field()));
        new TreeMap<>(place.clientVars()).forEach((name, value) -> {
            parts.add(name);
            parts.add(value);
        });
        ByteArrayOutputStream info = new ByteArrayOutputStream(128);
        info.writeBytes(Utf8.encode(label));
        for (String part : parts) {
            byte[] bytes = Utf8.encode(part);
            info.writeBytes(
                    ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
            info.writeBytes(bytes);
        }
        return info.toByteArray();
    }
}
