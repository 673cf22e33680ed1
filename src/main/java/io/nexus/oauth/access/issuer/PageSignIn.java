package io.nexus.oauth.access.issuer;

import io.nexus.oauth.access.caller.Identity;
import io.nexus.oauth.access.caller.Principal;
import io.nexus.oauth.access.policy.Policies;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.crypto.OneTimeSecrets;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Signs people in to the pages at an identity provider. State, nonce and PKCE verifier of a sign-in are digests of one
 * secret, which only a cookie of the browser holds. So the service stores nothing meanwhile, and it accepts the
 * response from that browser only. Non-blocking.
 */
@ApplicationScoped
public class PageSignIn {

    private static final Logger LOG = Logger.getLogger(PageSignIn.class);

    private final TrustedIssuers issuers;
    private final Policies policies;
    private final OneTimeSecrets secrets;

    PageSignIn(TrustedIssuers issuers, Policies policies, OneTimeSecrets secrets) {
        this.issuers = issuers;
        this.policies = policies;
        this.secrets = secrets;
    }

    /** The issuers at which people may sign in. */
    public List<Choice> choices() {
        return issuers.signIns().entrySet().stream().map(PageSignIn::choice).toList();
    }

    private static Choice choice(Map.Entry<String, IssuerSignIn> signIn) {
        return new Choice(signIn.getKey(), signIn.getValue().label());
    }

    /**
     * The authorization URL for the browser with {@code cookie}; empty when there is no such issuer. Fails with {@link
     * IssuerUnavailable}.
     *
     * @param next the page to show after the sign-in
     * @param another whether the person wants to use another account than the one of the issuer's session
     */
    public Uni<Optional<URI>> begin(String issuer, Secret cookie, String next, String redirectUri, boolean another) {
        IssuerSignIn signIn = issuers.signIns().get(issuer);
        return signIn == null
                ? Uni.createFrom().item(Optional.empty())
                : CallerTokens.onCallersContext(
                                signIn.authorization(request(issuer, cookie, next), redirectUri, another))
                        .map(Optional::of);
    }

    /**
     * Completes a sign-in with the issuer's response in the callback. Fails with {@link IssuerUnavailable}, and with
     * {@code StorageException} when the database fails.
     *
     * @param cookie the secret in the browser's cookie, if there is one
     */
    public Uni<Outcome> finish(String issuer, Optional<Secret> cookie, Answer answer, String redirectUri) {
        IssuerSignIn signIn = issuers.signIns().get(issuer);
        Optional<String> next = next(answer.state());
        if (signIn == null || cookie.isEmpty() || next.isEmpty()) {
            return Uni.createFrom().item(new Outcome.NotStartedHere());
        }
        SignInRequest request = request(issuer, cookie.get(), next.get());
        if (!isSame(request.state(), answer.state())
                || (answer.issuer() != null && !answer.issuer().equals(signIn.issuer()))) {
            return Uni.createFrom().item(new Outcome.NotStartedHere());
        }
        String code = answer.code();
        if (code == null || code.isEmpty()) {
            return Uni.createFrom().item(rejected(issuer, "the issuer answered with the error " + answer.errorCode()));
        }
        return CallerTokens.onCallersContext(signIn.redeem(request, code, redirectUri))
                .chain(who -> outcome(who, request.next()))
                .onFailure(RefusedToken.class)
                .recoverWithItem(failure -> rejected(
                        issuer, "the ID token is refused: " + failure.refusal().label()))
                .onFailure(RefusedCode.class)
                .recoverWithItem(failure -> rejected(issuer, failure.getMessage()));
    }

    /** The issuer at which {@code who} signed in to the pages; empty when people no longer may. */
    public Optional<Choice> issuer(Identity who) {
        return issuers.signIns().entrySet().stream()
                .filter(each -> each.getValue().issuer().equals(who.issuer()))
                .map(PageSignIn::choice)
                .findFirst();
    }

    /**
     * The URL at which the browser with {@code cookie} ends the session at {@code issuer}, too; empty when the settings do not want it,
     * or when the issuer offers none. An issuer that is away is logged: it must not keep anybody signed in here. Does not fail.
     *
     * @param redirectUri the page to which the issuer redirects afterwards
     */
    public Uni<Optional<URI>> endSession(String issuer, Secret cookie, String redirectUri) {
        IssuerSignIn signIn = issuers.signIns().get(issuer);
        if (signIn == null || !signIn.endsSession()) {
            return Uni.createFrom().item(Optional.empty());
        }
        return CallerTokens.onCallersContext(signIn.endSession(endState(issuer, cookie), redirectUri))
                .onFailure(IssuerUnavailable.class)
                .recoverWithItem(failure -> {
                    LOG.warnf("sign-out at issuer %s failed: %s", issuer, failure.getMessage());
                    return Optional.empty();
                });
    }

    /** Whether {@code state} comes from the sign-out at {@code issuer} that the browser with {@code cookie} began. */
    public boolean endedSession(String issuer, Optional<Secret> cookie, @Nullable String state) {
        return cookie.isPresent() && isSame(endState(issuer, cookie.get()), state);
    }

    private String endState(String issuer, Secret cookie) {
        return derive("sign-out", issuer, cookie);
    }

    /**
     * The current principal of {@code who}, who signed in earlier; empty when the issuer is no longer trusted for the
     * pages.
     */
    public Uni<Optional<Principal>> principal(Identity who) {
        return issuers.allowsSignIn(who.issuer())
                ? policies.current().map(snapshot -> Optional.of(new VerifiedToken(who, Instant.MAX).under(snapshot)))
                : Uni.createFrom().item(Optional.empty());
    }

    /**
     * The issuer settings that a session of {@code who} depends on; an empty text when the issuer is no longer trusted.
     */
    public String terms(Identity who) {
        TrustedIssuer issuer = issuers.of(who.issuer());
        return issuer == null ? "" : issuer.terms();
    }

    private static Outcome rejected(String issuer, @Nullable String reason) {
        LOG.warnf("sign-in at issuer %s failed: %s", issuer, reason);
        return new Outcome.Rejected();
    }

    private Uni<Outcome> outcome(Identity who, String next) {
        return policies.current().map(snapshot -> {
            Principal principal = new VerifiedToken(who, Instant.MAX).under(snapshot);
            return principal.bindings().isEmpty()
                    ? new Outcome.NoPermission(who, next)
                    : new Outcome.SignedIn(new SignedInPerson(who, principal), next);
        });
    }

    private SignInRequest request(String issuer, Secret cookie, String next) {
        String page = Base64.getUrlEncoder().withoutPadding().encodeToString(next.getBytes(StandardCharsets.UTF_8));
        String verifier = derive("verifier", issuer, cookie);
        byte[] challenge = HexFormat.of().parseHex(secrets.digest(Secret.of(verifier)));
        return new SignInRequest(
                derive("state:" + page, issuer, cookie) + "." + page,
                derive("nonce", issuer, cookie),
                verifier,
                Base64.getUrlEncoder().withoutPadding().encodeToString(challenge),
                next);
    }

    private String derive(String use, String issuer, Secret cookie) {
        return secrets.digest(Secret.of(use + ":" + issuer + ":" + cookie.reveal()));
    }

    private static Optional<String> next(@Nullable String state) {
        int dot = state == null ? -1 : state.indexOf('.');
        try {
            return state == null || dot < 0
                    ? Optional.empty()
                    : Optional.of(new String(
                            Base64.getUrlDecoder().decode(state.substring(dot + 1)), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean isSame(String expected, @Nullable String actual) {
        return actual != null
                && MessageDigest.isEqual(
                        expected.getBytes(StandardCharsets.UTF_8), actual.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * An issuer at which people may sign in.
     *
     * @param name the name in the configuration
     * @param label the display name
     */
    public record Choice(String name, String label) {}

    /**
     * The parameters of the callback (RFC 6749 section 4.1.2, RFC 9207).
     *
     * @param issuer the parameter {@code iss}
     * @param error the parameter {@code error} (RFC 6749 section 4.1.2.1)
     */
    public record Answer(
            @Nullable String state,
            @Nullable String code,
            @Nullable String issuer,
            @Nullable String error) {

        private static final Pattern CODE = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

        /** The error code if it is safe in a log; otherwise {@code other}, and {@code none} when there is none. */
        String errorCode() {
            if (error == null || error.isEmpty()) {
                return "none";
            }
            return CODE.matcher(error).matches() ? error : "other";
        }

        /** Omits all values, because the code is secret. */
        @Override
        public String toString() {
            return "Answer";
        }
    }

    /** A person whom an issuer authenticated. Only this class creates one. */
    public static final class SignedInPerson {
        private final Identity identity;
        private final Principal principal;

        private SignedInPerson(Identity identity, Principal principal) {
            this.identity = identity;
            this.principal = principal;
        }

        public Principal principal() {
            return principal;
        }

        public Identity identity() {
            return identity;
        }
    }

    /** The result of a sign-in. */
    public sealed interface Outcome {

        /** {@code person} is signed in; {@code next} is the page to show. */
        record SignedIn(SignedInPerson person, String next) implements Outcome {}

        /** The issuer authenticated {@code person}, but no policy or claim gives a role; {@code next} is the wanted page. */
        record NoPermission(Identity person, String next) implements Outcome {}

        /** The issuer rejected the sign-in, or its response is not valid. */
        record Rejected() implements Outcome {}

        /** The sign-in was not started in this browser, or its cookie has expired. */
        record NotStartedHere() implements Outcome {}
    }
}
