package io.nexus.oauth.crypto;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.nexus.oauth.credential.Secret;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Encrypts tokens under one Fernet key, compatible with Python's {@code cryptography}: for tokens from or for an
 * installation of the Python original. The service seals its own secrets with {@link SecretSealer}, which binds them to
 * their place. Immutable and thread-safe.
 *
 * @see <a href="https://github.com/fernet/spec/blob/master/Spec.md">the Fernet specification</a>
 */
public final class OAuthCrypto {

    /** Python writes and reads NaN and the infinities bare. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
            .disable(JsonWriteFeature.WRITE_NAN_AS_STRINGS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final Fernet fernet;

    /**
     * Takes the key as text: 32 bytes in base64url, padded or not. Throws {@link CryptoException.InvalidKey} for any
     * other text.
     */
    public OAuthCrypto(String encryptionKey) {
        this("the argument", encryptionKey);
    }

    private OAuthCrypto(String source, String key) {
        if (key.isEmpty()) {
            throw new CryptoException.InvalidKey(source, "it is empty");
        }
        byte[] bytes = new MasterKey(source, Secret.of(key)).bytes();
        this.fernet = new Fernet(bytes, InstantSource.system(), Randomness.SOURCE);
    }

    /** A new random key as 44 characters of base64url. */
    public static String generateKey() {
        return MasterKey.generate();
    }

    /**
     * Encrypts {@code token}; two calls return different texts. Throws {@link IllegalArgumentException} when it is
     * empty or has no UTF-8 form.
     */
    public String encryptToken(String token) {
        requireText(token, "Token");
        byte[] plaintext = Utf8.encode(token);
        try {
            return fernet.encrypt(plaintext);
        } finally {
            Arrays.fill(plaintext, (byte) 0);
        }
    }

    /**
     * Decrypts a text of {@link #encryptToken} or of the Python original under this key, whatever its age. Throws
     * {@link IllegalArgumentException} when {@code encryptedToken} is empty, {@link CryptoException.Tampered} when it
     * cannot be decrypted.
     */
    public String decryptToken(String encryptedToken) {
        requireText(encryptedToken, "Encrypted token");
        return Utf8.decodeAndWipe(fernet.decrypt(encryptedToken));
    }

    /**
     * Encrypts {@code data} as JSON. Throws {@link IllegalArgumentException} when it is empty or holds a value that has no
     * JSON form.
     */
    public String encryptDict(Map<String, ?> data) {
        if (data.isEmpty()) {
            throw new IllegalArgumentException("Data cannot be empty");
        }
        return encryptToken(json(data));
    }

    /**
     * Decrypts JSON of any type: a {@link Map} for a text of {@link #encryptDict}, otherwise a {@link java.util.List},
     * {@link String}, {@link Number}, {@link Boolean} or null. Throws {@link IllegalArgumentException} when {@code
     * encryptedData} is empty or its plaintext is not JSON, {@link CryptoException.Tampered} when it cannot be
     * decrypted.
     */
    public @Nullable Object decryptDict(String encryptedData) {
        requireText(encryptedData, "Encrypted data");
        try {
            return JSON.readValue(decryptToken(encryptedData), Object.class);
        } catch (JsonProcessingException e) {
            // its message quotes the plaintext
            throw new IllegalArgumentException("Decrypted data is not valid JSON");
        }
    }

    /**
     * Decrypts {@code encryptedToken} with {@code oldKey} and encrypts it with {@code newKey}, without this object's
     * own key. Throws as the constructor and {@link #decryptToken} do.
     */
    public String rotateKey(String oldKey, String newKey, String encryptedToken) {
        OAuthCrypto to = new OAuthCrypto("the new key", newKey);
        return to.encryptToken(new OAuthCrypto("the old key", oldKey).decryptToken(encryptedToken));
    }

    private static String json(Map<String, ?> data) {
        try {
            return JSON.writeValueAsString(data);
        } catch (JsonProcessingException e) {
            // its message may quote the data
            throw new IllegalArgumentException("Failed to serialize data: it holds a value that has no JSON form");
        }
    }

    private static void requireText(String text, String what) {
        if (text.isEmpty()) {
            throw new IllegalArgumentException(what + " cannot be empty");
        }
    }
}
