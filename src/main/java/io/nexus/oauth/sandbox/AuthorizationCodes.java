package io.nexus.oauth.sandbox;

import java.time.Clock;
import java.time.Duration;

/** Authorization codes (RFC 6749 section 4.1.2): each is valid once, for its own request and for a short time. */
final class AuthorizationCodes {

    /**
     * The data of a code.
     *
     * @param consent the request
     * @param account the account that allowed it
     * @param behavior how the server treats the grant
     */
    record Code(PendingConsent consent, String account, GrantBehavior behavior) {}

    private final ExpiringValues<Code> open;
    private final ExpiringValues<String> spent;
    private final SandboxGrants grants;

    AuthorizationCodes(Clock clock, Duration lifetime, SandboxGrants grants) {
        this.open = new ExpiringValues<>(clock, lifetime);
        this.spent = new ExpiringValues<>(clock, lifetime);
        this.grants = grants;
    }

    String issue(Code code) {
        return open.put(code);
    }

    /**
     * Exchanges a code for the first tokens. A failed attempt uses the code up as well. A second use also ends the
     * grant of the first (RFC 6749 section 4.1.2), because one of the two was not the client. Synchronized, so that
     * concurrent uses see each other.
     */
    synchronized SandboxGrants.Tokens exchange(String code, String redirectUri, String verifier) {
        spent.take(code).ifPresent(grant -> grants.end(grant, "its authorization code was used again"));
        Code found = open.take(code).orElseThrow(() -> OAuthError.invalidGrant("the code is unknown, used or expired"));
        if (!found.consent().redirect().toString().equals(redirectUri)) {
            throw OAuthError.invalidGrant("redirect_uri differs from the authorization request");
        }
        if (!verifier.matches("[A-Za-z0-9._~-]{43,128}")
                || !TokenFactory.same(found.consent().challenge(), TokenFactory.hash(verifier))) {
            throw OAuthError.invalidGrant("code_verifier does not match the code_challenge");
        }
        SandboxGrants.Tokens tokens =
                grants.open(found.account(), found.consent().scope(), found.behavior());
        spent.put(code, tokens.grant());
        return tokens;
    }
}
