package io.nexus.oauth.access.issuer;

import java.util.Locale;

/** Why a token was refused. Its sender is not told; the operator is, by a metric. */
public enum TokenRefusal {
    /** It is no signed token. */
    MALFORMED,
    /** Nobody trusts its issuer. */
    UNKNOWN_ISSUER,
    /** Its algorithm is not allowed. */
    ALGORITHM,
    /** Its issuer has no such key. */
    UNKNOWN_KEY,
    /** Its signature is wrong. */
    SIGNATURE,
    /** It is for somebody else. */
    AUDIENCE,
    /** It is over. */
    EXPIRED,
    /** It is not valid yet. */
    NOT_YET_VALID,
    /** It lacks something, or is of a kind that is no access token. */
    UNFIT;

    /** The name on the wire. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
