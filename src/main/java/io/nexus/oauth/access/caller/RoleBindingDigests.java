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
 * Keyed digests over the permissions of API keys, policies and page sessions, in their stored form: master key id, dot,
 * hex. The master key is not in the database, so write access to the database is not enough to forge or change a role
 * binding. A digest under an older master key is valid while that key is in the keyring.
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
     * {@code key} with the digests of its {@code secret} and its permissions under the current master key. Throws
     * {@link CryptoException.NoCommonKey}.
     */
    public ApiKey withDigests(ApiKey key, Secret secret) {
        ApiKey known = key.with(digest(KEY, secret), null);
        return known.with(known.digest(), digest(KEY_TERMS, terms(known)));
    }

    /** Whether {@code secret} is the secret of {@code key}. Throws {@code CryptoException.UnknownKey}. */
    public boolean matchesSecret(ApiKey key, Secret secret) {
        return matches(key.digest(), KEY, secret);
    }

    /** Whether {@code key} is unchanged since it was issued. Throws {@code CryptoException.UnknownKey}. */
    public boolean isGenuine(ApiKey key) {
        return matches(key.termsDigest(), KEY_TERMS, terms(key));
    }

    /** The digest of a policy. Throws {@code CryptoException.NoCommonKey}. */
    public String ofPolicy(String name, String document) {
        return digest(POLICY, text(name, document));
    }

    /** Whether {@code policy} is unchanged since the service stored it. Throws {@code CryptoException.UnknownKey}. */
    public boolean isGenuine(PolicyStore.Stored policy) {
        return matches(policy.digest(), POLICY, text(policy.name(), policy.document()));
    }

    /**
     * {@code session} with the digest that proves that the service created it.
     *
     * @param unstoredTerms the values outside the database that the session depends on, or an empty text
     */
    public PageSessionStore.Stored withDigests(PageSessionStore.Stored session, String unstoredTerms) {
        return session.with(digest(PAGE_SESSION, terms(session, unstoredTerms)));
    }

    /** Whether {@code session} is unchanged since it was created. Throws {@code CryptoException.UnknownKey}. */
    public boolean isGenuine(PageSessionStore.Stored session, String unstoredTerms) {
        return matches(session.termsDigest(), PAGE_SESSION, terms(session, unstoredTerms));
    }

    /** The id of the master key that new digests are computed under. */
    public String keyId() {
        return sealer.sealingId();
    }

    /** Whether {@code digest} is under the current master key. */
    public boolean isCurrent(@Nullable String digest) {
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

    /**
     * Includes the digest of the secret; otherwise an attacker could put the secret of another key into a row with more
     * roles.
     */
    private static Secret terms(ApiKey key) {
        return text(
                key.id(),
                key.tenant().value(),
                key.name(),
                String.join(" ", new TreeSet<>(key.roles())),
                key.digest(),
                key.expiresAt().toString());
    }

    private static Secret terms(PageSessionStore.Stored session, String unstoredTerms) {
        return text(
                session.digest(),
                Objects.requireNonNullElse(session.keyId(), ""),
                Objects.requireNonNullElse(session.identity(), ""),
                session.expiresAt().toString(),
                unstoredTerms);
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
