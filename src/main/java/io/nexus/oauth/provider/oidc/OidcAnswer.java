package io.nexus.oauth.provider.oidc;

import io.nexus.oauth.provider.egress.ExchangeResult;

/**
 * A whole response, as the failure with which it leaves the extension. The extension's own failures have neither status nor {@code
 * Retry-After}, and its reader of tokens fails with others for what providers really send. Has no message, because the response contains
 * tokens.
 */
@SuppressWarnings("serial")
final class OidcAnswer extends RuntimeException {

    private final ExchangeResult result;

    OidcAnswer(ExchangeResult result) {
        super(null, null, false, false);
        this.result = result;
    }

    ExchangeResult result() {
        return result;
    }
}
