package io.nexus.oauth.rest;

import io.nexus.oauth.credential.SavedCredential;
import io.smallrye.mutiny.Uni;

/** A validated request to store a credential, within the limits of its caller. */
interface CredentialSubmission {

    /**
     * Checks it against what is stored, and changes nothing.
     *
     * @param onlyNew whether the account must not have a credential
     */
    Uni<?> check(boolean onlyNew);

    /** Stores it; {@code onlyNew} as in {@link #check}. */
    Uni<SavedCredential> store(boolean onlyNew);
}
