package io.nexus.oauth.provider.reply;

import io.nexus.oauth.credential.AccountIdentity;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The account of a grant as its provider reports it.
 *
 * @param identity its stable id and its name for people
 * @param verifiedEmail the e-mail address that the provider has verified, or null
 * @param metadata the variables of the profile that the answer about the account gives
 */
public record ReportedAccount(
        AccountIdentity identity, @Nullable String verifiedEmail, Map<String, String> metadata) {

    /** Copies the metadata. */
    public ReportedAccount {
        metadata = Map.copyOf(metadata);
    }

    /** Whether {@code expected} is the id of the account, or its verified address without regard to the case of ASCII letters. */
    public boolean is(String expected) {
        return identity.id().equals(expected) || (verifiedEmail != null && isSame(verifiedEmail, expected));
    }

    /** Whether an address could be compared at all. */
    public boolean canCompare(String expected) {
        return verifiedEmail != null || !isAddress(expected);
    }

    /** Whether {@code account} is an e-mail address, and no stable id. */
    public static boolean isAddress(String account) {
        return account.contains("@");
    }

    /** Java takes some letters outside ASCII for ASCII letters when it ignores their case. */
    private static boolean isSame(String one, String other) {
        return one.equals(other) || (isAscii(one) && isAscii(other) && one.equalsIgnoreCase(other));
    }

    private static boolean isAscii(String text) {
        return StandardCharsets.US_ASCII.newEncoder().canEncode(text);
    }
}
