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
 * Seals secrets for a place and opens them there. Each secret has a Fernet key of its own, derived by HKDF-SHA256 from a
 * master key and the place, because Fernet has no associated data: what is copied to another tenant, row or column does not
 * open. A secret of a tenant takes the tenant's own key as well, so that it is gone when that key is. Safe for use by several
 * threads.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc5869">RFC 5869</a>
 * @see <a href="https://github.com/fernet/spec/blob/master/Spec.md">the Fernet specification</a>
 */
@Singleton
public final class SecretSealer {

    /** Part of what keys are derived from: changing a letter makes all that is stored unreadable. */
    private static final String SEAL_LABEL = "nexus-oauth|v1|";

    private static final String TENANT_LABEL = "nexus-oauth|v2|";

    private static final String MAC_LABEL = "nexus-oauth|mac|";

    private final LiveKeyring keyring;
    private final @Nullable TenantKeys tenants;
    private final InstantSource time;
    private final SecureRandom random;

    /** Seals under the key that all replicas hold and opens under any. */
    @Inject
    public SecretSealer(LiveKeyring keyring, TenantKeys tenants) {
        this(keyring, tenants, InstantSource.system(), Randomness.SOURCE);
    }

    /** Seals under the primary key of {@code keyring}, for good, and opens under any. */
    public SecretSealer(Keyring keyring, TenantKeys tenants) {
        this(LiveKeyring.of(keyring), tenants, InstantSource.system(), Randomness.SOURCE);
    }

    /** As {@link #SecretSealer(Keyring, TenantKeys)}, without keys of tenants: what takes one does not open. */
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
     * Seals under the sealing key and the tenant's key; two calls give two texts. Throws {@link IllegalArgumentException} when the
     * secret has no UTF-8 form, {@link CryptoException.NoCommonKey} when the other replicas could not open it, and as {@link
     * TenantKeys#sealing}.
     */
    public SealedSecret seal(Secret secret, SecretPlace place) {
        requireCommonKey();
        return sealAnswer(secret, place);
    }

    /**
     * As {@link #seal}, for what a provider answered: it can be had only once, so it is sealed in any case, under the key that sealed
     * last. Whoever is going to ask looks at {@link #canSeal} before.
     */
    public SealedSecret sealAnswer(Secret secret, SecretPlace place) {
        return seal(secret, place, tenants == null ? null : tenants.sealing(place.tenant()));
    }

    /** As {@link #seal}, for what has to open without the tenant's key. */
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
     * Opens under the keys that the text names. Throws {@link CryptoException.UnknownKey} when the keyring lacks the master key, {@link
     * CryptoException.TenantShredded} or {@link CryptoException.TenantKeyAway} when the tenant's is not here, and {@link
     * CryptoException.Tampered} when the text was altered or sealed for another place.
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
            throw new CryptoException.TenantKeyAway();
        }
        return tenants.opening(place.tenant(), sealed.tenantKeyId().get());
    }

    /**
     * As {@link #sealAnswer}, for text whose secrets are sealed by themselves: it must not be altered or moved. Opens without the
     * tenant's key.
     */
    public SealedSecret sealText(String text, SecretPlace place) {
        return seal(Secret.of(text), place, null);
    }

    /** As {@link #unseal}, for what {@link #sealText} sealed. */
    public String unsealText(SealedSecret sealed, SecretPlace place) {
        return unseal(sealed, place).reveal();
    }

    /** Whether it was heard what the other replicas hold, and they can open what is sealed here. */
    public boolean canSeal() {
        return keyring.isAgreed() && keyring.seals();
    }

    /** The id of the key that seals. */
    public String sealingId() {
        return keyring.sealingId();
    }

    /** Whether what is under the key {@code keyId} would not be under a better one if it were sealed now. */
    public boolean sealsUnder(String keyId) {
        return keyring.sealingId().equals(keyId) || !keyring.seals();
    }

    private void requireCommonKey() {
        if (!keyring.seals()) {
            throw new CryptoException.NoCommonKey();
        }
    }

    /**
     * The digest of {@code secret} for {@code purpose} under the sealing key; the same each time until that key changes. Throws {@link
     * CryptoException.NoCommonKey} as {@link #seal} does.
     */
    public KeyedDigest digest(String purpose, Secret secret) {
        requireCommonKey();
        String keyId = keyring.sealingId();
        return new KeyedDigest(keyId, mac(keyId, purpose, secret));
    }

    /**
     * Whether {@code digest} was made of {@code secret} for {@code purpose}, in time that does not depend on where they
     * differ. Throws {@link CryptoException.UnknownKey} when the keyring lacks the digest's key.
     */
    public boolean matches(KeyedDigest digest, String purpose, Secret secret) {
        return MessageDigest.isEqual(
                mac(digest.keyId(), purpose, secret).getBytes(StandardCharsets.UTF_8),
                digest.hex().getBytes(StandardCharsets.UTF_8));
    }

    /** The digests of {@code secret} for {@code purpose} under every key that is here now: to look up one that was made before. */
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

    /** Each part with its length before it, so that no two places give the same bytes. Variables follow by their names. */
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
