package io.nexus.oauth.provider.reply;

import io.nexus.oauth.credential.AccountIdentity;
import java.util.Set;

/**
 * The account of a grant as its provider reports it.
 *
 * @param identity its stable id and its name for people
 * @param uniqueNames the names that no other account of the provider has now: a login name, a verified address
 */
public record ReportedAccount(AccountIdentity identity, Set<String> uniqueNames) {

    /** Whether {@code expected} is the id of the account, or, without regard to case, one of its unique names. */
    public boolean is(String expected) {
        return identity.id().equals(expected) || uniqueNames.stream().anyMatch(expected::equalsIgnoreCase);
    }
}
