package io.nexus.oauth.event;

import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialKey;
import org.jspecify.annotations.Nullable;

/**
 * A change of a credential. The service writes it to the audit trail in the same transaction as the change, and fires
 * it after the commit.
 */
public sealed interface CredentialEvent {

    /** The actor of work that the service does by itself. */
    String SYSTEM = "system";

    /** The changed credential. */
    CredentialKey key();

    /** The account of the credential. */
    AccountKey account();

    /** The name of the operation in the audit trail; stable. */
    String operation();

    /** The name of the caller that asked for it, or {@link #SYSTEM}. */
    String actor();

    /** A stable code with more information, or null. */
    default @Nullable String detail() {
        return null;
    }

    /** The first grant of an account was stored. */
    record Created(CredentialKey key, AccountKey account, String actor) implements CredentialEvent {
        @Override
        public String operation() {
            return "credential_created";
        }
    }

    /** A new grant replaced the stored one; the id is the same. */
    record Updated(CredentialKey key, AccountKey account, String actor) implements CredentialEvent {
        @Override
        public String operation() {
            return "credential_updated";
        }
    }

    /**
     * The access token was refreshed.
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
     * The row holds an older token than before, or is no longer revoked: it was changed outside the service.
     *
     * @param detail what the service knew before
     */
    record RolledBack(CredentialKey key, AccountKey account, String actor, String detail) implements CredentialEvent {
        @Override
        public String operation() {
            return "credential_rolled_back";
        }
    }

    /** The credential was revoked in this service. */
    record Revoked(CredentialKey key, AccountKey account, String actor) implements CredentialEvent {
        @Override
        public String operation() {
            return "credential_revoked";
        }
    }
}
