package io.nexus.oauth.access.caller;

import io.nexus.oauth.credential.ApiKey;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.crypto.KeyedDigest;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.store.access.PageSessionStore;
import io.nexus.oauth.store.access.PolicyStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Keyed digests of what keys and policies grant, as they are stored: master key id, dot, hex. The database has no master key, so its
 * writer cannot make a grant or change one. A digest under an older master key counts while that key is in the keyring.
 */
@ApplicationScoped
public class RoleBindingDigests {

    private static final String KEY = "api-key";
    private static final String KEY_TERMS = "api-key-terms";
    private static final String POLICY = "access-policy";
    private static final String PAGE_SESSION = "page-session";

    private final SecretSealer sealer;

    RoleBindingDigests(SecretSealer sealer) {
        this.sealer = sealer;
    }

    /**
     * {@code key} with the digests of its {@code secret} and its terms under the present master key. Throws {@link
     * CryptoException.NoCommonKey}.
     */
    public ApiKey digested(ApiKey key, Secret secret) {
        ApiKey known = key.with(digest(KEY, secret), null);
        return known.with(known.digest(), digest(KEY_TERMS, terms(known)));
    }

    /** Whether {@code secret} is that of {@code key}. Throws {@code CryptoException.UnknownKey}. */
    public boolean isOf(ApiKey key, Secret secret) {
        return matches(key.digest(), KEY, secret);
    }

    /** Whether {@code key} is as it was made. Throws {@code CryptoException.UnknownKey}. */
    public boolean isGenuine(ApiKey key) {
        return matches(key.termsDigest(), KEY_TERMS, terms(key));
    }

    /** The digest of a policy. Throws {@code CryptoException.NoCommonKey}. */
    public String ofPolicy(String name, String document) {
        return digest(POLICY, text(name, document));
    }

    /** Whether {@code policy} is as it was stored. Throws {@code CryptoException.UnknownKey}. */
    public boolean isGenuine(PolicyStore.Stored policy) {
        return matches(policy.digest(), POLICY, text(policy.name(), policy.document()));
    }

    /**
     * {@code session} with the proof that it was made here.
     *
     * @param shown the API key that was shown where that has no row of its own, or an empty text
     */
    public PageSessionStore.Stored digested(PageSessionStore.Stored session, String shown) {
        return session.with(digest(PAGE_SESSION, terms(session, shown)));
    }

    /** Whether {@code session} is as it was made. Throws {@code CryptoException.UnknownKey}. */
    public boolean isGenuine(PageSessionStore.Stored session, String shown) {
        return matches(session.termsDigest(), PAGE_SESSION, terms(session, shown));
    }

    /** The id of the master key that digests are made under now. */
    public String keyId() {
        return sealer.sealingId();
    }

    /** Whether {@code digest} would not be under a better master key if it were made now. */
    public boolean isPresent(@Nullable String digest) {
        return digest != null && sealer.sealsUnder(digest.substring(0, Math.max(0, digest.indexOf('.'))));
    }

    private String digest(String purpose, Secret text) {
        KeyedDigest made = sealer.digest(purpose, text);
        return made.keyId() + "." + made.hex();
    }

    private boolean matches(@Nullable String digest, String purpose, Secret text) {
        int dot = digest == null ? -1 : digest.indexOf('.');
        return digest != null
                && dot > 0
                && sealer.matches(new KeyedDigest(digest.substring(0, dot), digest.substring(dot + 1)), purpose, text);
    }

    /** With the digest of the secret: else a key of somebody's own could be put into a better row. */
    private static Secret terms(ApiKey key) {
        return text(
                key.id(),
                key.tenant().value(),
                key.name(),
                String.join(" ", new TreeSet<>(key.roles())),
                key.digest(),
                key.expiresAt().toString());
    }

    private static Secret terms(PageSessionStore.Stored session, String shown) {
        return text(
                session.digest(),
                Objects.requireNonNullElse(session.keyId(), ""),
                Objects.requireNonNullElse(session.identity(), ""),
                session.expiresAt().toString(),
                shown);
    }

    /** Each part with its length before it, so that no two lists give the same text. */
    private static Secret text(String... parts) {
        StringBuilder all = new StringBuilder();
        for (String part : parts) {
            all.append(part.length()).append(':').append(part);
        }
        return Secret.of(all.toString());
    }
}
