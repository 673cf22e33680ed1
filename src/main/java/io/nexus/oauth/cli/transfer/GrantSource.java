package io.nexus.oauth.cli.transfer;

import io.nexus.oauth.api.CredentialRequest;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A source of grants. It is read one by one, so its size needs no memory. Reading may block. */
interface GrantSource extends AutoCloseable {

    /** The number of rows, or 0 when unknown. */
    long total();

    /** The next row; null after the last. */
    @Nullable Found next() throws IOException;

    @Override
    void close() throws IOException;

    /**
     * A row of the source, which may be a grant.
     *
     * @param name its name in the source: an id or a row number
     * @param account {@code provider:user}, as far as known
     * @param tenant its tenant in the source, or null
     * @param grant the grant, or null when nothing is to be stored
     * @param verdict the result when nothing is to be stored, otherwise {@link Verdict#STORED}
     * @param note a note for the user, without secrets
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

        /** The same row for the tenant {@code owner}. */
        Found in(String owner) {
            return new Found(name, account, owner, grant, verdict, note);
        }

        /** Without the secret. */
        @Override
        public String toString() {
            return "Found[name=" + name + "]";
        }
    }

    /** The result of a row. */
    enum Verdict {
        /** The grant was stored, or would be in a dry run. */
        STORED(true),
        /** The account already has a credential, which is kept. */
        PRESENT(true),
        /** The grant was revoked in the source. */
        REVOKED(true),
        /** The token expired, and there is no refresh token. */
        ENDED(true),
        /** Another row of the same account is imported. */
        DUPLICATE(true),
        /** The row belongs to another tenant than the selected one. */
        OTHER_TENANT(true),
        /** The row is not an OAuth 2.0 grant. */
        UNSUPPORTED(true),
        /** No key decrypts the row. */
        UNREADABLE(false),
        /** The service rejected the grant. */
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
