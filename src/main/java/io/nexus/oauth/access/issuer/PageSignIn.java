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
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The way to the pages by an identity provider. State, nonce and PKCE verifier of a sign-in are digests of one secret in a cookie of the
 * browser that began it, so nothing is kept here meanwhile, and an answer counts in that browser only. Non-blocking.
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

    /** Where people may sign in. */
    public List<Choice> choices() {
        return issuers.signIns().entrySet().stream()
                .map(each -> new Choice(each.getKey(), each.getValue().label()))
                .toList();
    }

    /**
     * Where the browser with {@code cookie} is sent to sign in; empty when there is no such issuer. Fails with {@link
     * IssuerUnavailable}.
     *
     * @param next the page that it is about
     */
    public Uni<Optional<URI>> begin(String issuer, Secret cookie, String next, String redirectUri) {
        IssuerSignIn way = issuers.signIns().get(issuer);
        return way == null
                ? Uni.createFrom().item(Optional.empty())
                : CallerTokens.onAskersContext(way.authorization(request(issuer, cookie, next), redirectUri))
                        .map(Optional::of);
    }

    /**
     * What {@code answer}, with which the browser came back, amounts to. Fails with {@link IssuerUnavailable}, and as the database does.
     *
     * @param cookie of the browser, if it has one
     */
    public Uni<Outcome> finish(String issuer, Optional<Secret> cookie, Answer answer, String redirectUri) {
        IssuerSignIn way = issuers.signIns().get(issuer);
        Optional<String> next = next(answer.state());
        if (way == null || cookie.isEmpty() || next.isEmpty()) {
            return Uni.createFrom().item(new Outcome.Foreign());
        }
        SignInRequest request = request(issuer, cookie.get(), next.get());
        if (!same(request.state(), answer.state())
                || (answer.issuer() != null && !answer.issuer().equals(way.issuer()))) {
            return Uni.createFrom().item(new Outcome.Foreign());
        }
        String code = answer.code();
        if (code == null || code.isEmpty()) {
            return Uni.createFrom().item(new Outcome.Denied());
        }
        return CallerTokens.onAskersContext(way.redeem(request, code, redirectUri))
                .chain(who -> outcome(who, request.next()))
                .onFailure(RefusedToken.class)
                .recoverWithItem(failure -> denied(
                        issuer, "its ID token is refused: " + failure.refusal().label()))
                .onFailure(RefusedCode.class)
                .recoverWithItem(failure -> denied(issuer, failure.getMessage()));
    }

    /** What {@code who}, who signed in earlier, may do now; empty once the issuer is no longer trusted for the pages. */
    public Uni<Optional<Principal>> principal(Identity who) {
        return issuers.allowsSignIn(who.issuer())
                ? policies.current().map(snapshot -> Optional.of(new VerifiedToken(who, Instant.MAX).under(snapshot)))
                : Uni.createFrom().item(Optional.empty());
    }

    /** The settings of the issuer of {@code who} on which a session depends; an empty text when it is not trusted any more. */
    public String terms(Identity who) {
        TrustedIssuer issuer = issuers.of(who.issuer());
        return issuer == null ? "" : issuer.terms();
    }

    private static Outcome denied(String issuer, @Nullable String reason) {
        LOG.warnf("somebody could not sign in at issuer %s: %s", issuer, reason);
        return new Outcome.Denied();
    }

    private Uni<Outcome> outcome(Identity who, String next) {
        return policies.current().map(snapshot -> {
            Principal principal = new VerifiedToken(who, Instant.MAX).under(snapshot);
            return principal.grants().isEmpty()
                    ? new Outcome.Nothing(who.issuer(), who.subject())
                    : new Outcome.Known(new Who(who, principal), next);
        });
    }

    private SignInRequest request(String issuer, Secret cookie, String next) {
        String page = Base64.getUrlEncoder().withoutPadding().encodeToString(next.getBytes(StandardCharsets.UTF_8));
        String verifier = derived("verifier", issuer, cookie);
        byte[] challenge = HexFormat.of().parseHex(secrets.digest(Secret.of(verifier)));
        return new SignInRequest(
                derived("state:" + page, issuer, cookie) + "." + page,
                derived("nonce", issuer, cookie),
                verifier,
                Base64.getUrlEncoder().withoutPadding().encodeToString(challenge),
                next);
    }

    private String derived(String use, String issuer, Secret cookie) {
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

    private static boolean same(String ours, @Nullable String theirs) {
        return theirs != null
                && MessageDigest.isEqual(
                        ours.getBytes(StandardCharsets.UTF_8), theirs.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * An issuer at which people may sign in.
     *
     * @param name in the settings
     * @param label for people
     */
    public record Choice(String name, String label) {}

    /**
     * What a browser brings back (RFC 6749 section 4.1.2, RFC 9207).
     *
     * @param issuer the parameter {@code iss}
     */
    public record Answer(
            @Nullable String state,
            @Nullable String code,
            @Nullable String issuer) {

        /** Without the code. */
        @Override
        public String toString() {
            return "Answer";
        }
    }

    /** Somebody that an issuer vouches for. */
    public static final class Who {
        private final Identity identity;
        private final Principal principal;

        private Who(Identity identity, Principal principal) {
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

    /** What came of a sign-in. */
    public sealed interface Outcome {

        /** {@code who} goes on to the page {@code next}. */
        record Known(Who who, String next) implements Outcome {}

        /** The issuer vouches for {@code subject}, but nothing is granted. */
        record Nothing(String issuer, String subject) implements Outcome {}

        /** The issuer did not sign anybody in, or not so that we believe it. */
        record Denied() implements Outcome {}

        /** Not begun in this browser, or too long ago. */
        record Foreign() implements Outcome {}
    }
}
