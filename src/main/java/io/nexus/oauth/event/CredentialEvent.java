package io.nexus.oauth.event;

import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialKey;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a credential. It is written to the audit trail in the transaction that made it true and fired
 * after that transaction's commit.
 */
public sealed interface CredentialEvent {

    /** The actor of work that no caller asked for. */
    String SYSTEM = "system";

    /** The credential it happened to. */
    CredentialKey key();

    /** Whose account it is. */
    AccountKey account();

    /** The stable name of the operation, as it stands in the audit trail. */
    String operation();

    /** Who asked for it: a caller's name, or {@link #SYSTEM}. */
    String actor();

    /** A stable code that says more, or null. */
    default @Nullable String detail() {
        return null;
    }

    /** A first grant was stored. */
    record Created(CredentialKey key, AccountKey account, String actor) implements CredentialEvent {
        @Override
        public String operation() {
            return "credential_created";
        }
    }

    /** A new grant replaced the stored one; the id stayed. */
    record Updated(CredentialKey key, AccountKey account, String actor) implements CredentialEvent {
        @Override
        public String operation() {
            return "credential_updated";
        }
    }

    /**
     * The access token was renewed.
     *
     * @param detail what triggered it
     */
    record Refreshed(CredentialKey key, AccountKey account, String actor, String detail) implements CredentialEvent {
        @Override
        public String operation() {
            return "token_refreshed";
        }
    }

    /**
     * The provider ended the grant.
     *
     * @param detail the OAuth error
     */
    record ReauthorizationRequired(CredentialKey key, AccountKey account, String actor, String detail)
            implements CredentialEvent {
        @Override
        public String operation() {
            return "reauthorization_required";
        }
    }

    /**
     * Its row holds an older token than before, or is not revoked any more: somebody changed it behind the service's back.
     *
     * @param detail what was known
     */
    record RolledBack(CredentialKey key, AccountKey account, String actor, String detail) implements CredentialEvent {
        @Override
        public String operation() {
            return "credential_rolled_back";
        }
    }

    /** It was revoked here. */
    record Revoked(CredentialKey key, AccountKey account, String actor) implements CredentialEvent {
        @Override
        public String operation() {
            return "credential_revoked";
        }
    }
}
