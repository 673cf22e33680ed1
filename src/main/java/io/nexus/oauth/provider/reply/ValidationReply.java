package io.nexus.oauth.provider.reply;

import io.nexus.oauth.provider.egress.ExchangeResult;

/** The provider's verdict on an access token. */
public enum ValidationReply {
    /** The provider accepted it. */
    VALID,
    /** The provider refused it (401). */
    INVALID,
    /** The profile has no endpoint to validate it at. */
    UNSUPPORTED,
    /** No definite response. */
    UNKNOWN;

    /**
     * The verdict of the identity endpoint.
     *
     * @param error the pointer to the error code
     */
    public static ValidationReply of(ExchangeResult answer, String error) {
        if (!(answer instanceof ExchangeResult.Complete complete)) {
            return UNKNOWN;
        }
        if (complete.status() / 100 == 2) {
            return isAccount(complete.body(), error) ? VALID : UNKNOWN;
        }
        return complete.status() == 401 ? INVALID : UNKNOWN;
    }

    /** A page of a portal or of a proxy says nothing about the token, whatever its status is. */
    private static boolean isAccount(String body, String error) {
        return body.isBlank()
                || SignedClaims.isJwt(body)
                || ReplyBody.json(body)
                        .filter(found -> found.text(error) == null)
                        .isPresent();
    }
}
