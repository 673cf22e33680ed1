package io.nexus.oauth.sandbox;

import java.time.Clock;
import java.time.Duration;

/** Authorization codes: each is exchanged once, for the request it was made for, and soon. */
final class AuthorizationCodes {

    /**
     * What a code stands for.
     *
     * @param consent the request
     * @param account who allowed it
     */
    record Code(PendingConsent consent, String account) {}

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
     * The first tokens. A failed try spends the code as well; a second use also ends what the first one got (RFC 6749 section
     * 4.1.2), since one of the two was not the client. One at a time, or two uses at once would not see each other.
     */
    synchronized SandboxGrants.Tokens exchange(String code, String redirectUri, String verifier) {
        spent.take(code).ifPresent(grant -> grants.end(grant, "its authorization code was used again"));
        Code found = open.take(code)
                .orElseThrow(() -> OAuthError.invalidGrant("the code is not known, was used, or is too old"));
        if (!found.consent().redirect().toString().equals(redirectUri)) {
            throw OAuthError.invalidGrant("redirect_uri is not the one of the authorization request");
        }
        if (!verifier.matches("[A-Za-z0-9._~-]{43,128}")
                || !TokenFactory.same(found.consent().challenge(), TokenFactory.hash(verifier))) {
            throw OAuthError.invalidGrant("code_verifier does not fit the code_challenge");
        }
        SandboxGrants.Tokens tokens =
                grants.open(found.account(), found.consent().scope());
        spent.put(code, tokens.grant());
        return tokens;
    }
}
