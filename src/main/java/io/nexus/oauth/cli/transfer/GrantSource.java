package io.nexus.oauth.cli.transfer;

import io.nexus.oauth.api.CredentialRequest;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Where grants come from. Read one by one, so that any number of them needs the same memory. */
interface GrantSource extends AutoCloseable {

    /** How many there are, or 0 when nobody knows before they are read. */
    long total();

    /** The next one; null after the last. */
    @Nullable Found next() throws IOException;

    @Override
    void close() throws IOException;

    /**
     * Something that may be a grant.
     *
     * @param name what it is called where it comes from: an id, or the number of a line
     * @param account {@code provider:user}, as far as they are known
     * @param tenant the tenant it belongs to there, or null when it says none
     * @param grant the grant, or null when there is nothing to store
     * @param verdict what becomes of it when there is nothing to store, else {@link Verdict#STORED}
     * @param note what else there is to say, without a secret
     */
    record Found(
            String name,
            String account,
            @Nullable String tenant,
            @Nullable CredentialRequest grant,
            Verdict verdict,
            String note) {

        static Found grant(String name, @Nullable String tenant, CredentialRequest grant, String note) {
            return new Found(name, grant.provider() + ":" + grant.user(), tenant, grant, Verdict.STORED, note);
        }

        static Found nothing(String name, String account, Verdict verdict, String note) {
            return new Found(name, account, null, null, verdict, note);
        }

        /** The same as one of {@code owner}. */
        Found in(String owner) {
            return new Found(name, account, owner, grant, verdict, note);
        }

        /** Without the secret. */
        @Override
        public String toString() {
            return "Found[name=" + name + "]";
        }
    }

    /** What becomes of a row. */
    enum Verdict {
        /** The grant was stored, or would be stored with {@code --apply}. */
        STORED(true),
        /** The account already has a credential here, also a revoked one. It stays as it is. */
        PRESENT(true),
        /** The grant was revoked in the source. */
        REVOKED(true),
        /** The access token has expired, and there is no refresh token. */
        ENDED(true),
        /** Several rows are one account here. The row whose token was obtained last counts. */
        DUPLICATE(true),
        /** The row belongs to another tenant than {@code --tenant-id}. */
        OTHER_TENANT(true),
        /** The row is not an OAuth 2.0 grant. */
        UNSUPPORTED(true),
        /** None of the keys opens the row. */
        UNREADABLE(false),
        /** The service refuses the grant and says why: an unknown provider ({@code --map-provider}), a tenant that the caller must not act in, or with {@code --apply} a quota. */
        REFUSED(false);

        private final boolean good;

        Verdict(boolean good) {
            this.good = good;
        }

        boolean isGood() {
            return good;
        }

        String label() {
            return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
        }
    }
}
