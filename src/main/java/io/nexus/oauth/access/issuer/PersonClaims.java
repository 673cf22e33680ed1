package io.nexus.oauth.access.issuer;

import io.nexus.oauth.access.caller.Identity;
import io.nexus.oauth.credential.Secret;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;
import org.jose4j.jwt.JwtClaims;
import org.jspecify.annotations.Nullable;

/**
 * Collects the claims about a person who signs in to the pages. Issuers put roles into the ID token, into the access token, or only
 * into userinfo. The access token counts only if it would count as a caller's token. Both others count only with the {@code sub} of
 * the ID token. No method blocks; all fail with {@link IssuerUnavailable} when the issuer gives no usable response.
 */
final class PersonClaims {

    private static final Logger LOG = Logger.getLogger(PersonClaims.class);

    private final IssuerClient fetch;
    private final TrustedIssuer trusted;
    private final ClaimMapping mapping;

    PersonClaims(IssuerClient fetch, TrustedIssuer trusted) {
        this.fetch = fetch;
        this.trusted = trusted;
        this.mapping = trusted.mapping();
    }

    /**
     * The identity of the person whom the verified {@code idToken} names. Also fails with {@link RefusedToken}.
     *
     * @param accessToken the access token of the same response
     * @param userInfo the URL of the userinfo endpoint (OpenID Connect Core 1.0 section 5.3)
     */
    Future<Identity> identity(JwtClaims idToken, Optional<Secret> accessToken, Optional<URI> userInfo) {
        List<Map<String, Object>> known = List.of(idToken.getClaimsMap());
        AtomicReference<RefusedToken> refused = new AtomicReference<>();
        return accessToken
                .map(token -> withAccessToken(known, token, refused)
                        .compose(more -> userInfo.map(url -> withUserInfo(more, url, token))
                                .orElseGet(() -> Future.succeededFuture(more))))
                .orElseGet(() -> Future.succeededFuture(known))
                .map(trusted::identity)
                .onSuccess(who -> explain(who, refused.get()));
    }

    /** Most access tokens are for another audience, which matters only to a person who has no role for that reason. */
    private static void explain(Identity who, @Nullable RefusedToken refused) {
        if (who.claimed().isEmpty() && refused != null) {
            LOG.infof(
                    "Sign-in at issuer %s: no claim gives a role. The access token was not used: %s",
                    who.issuer(), refused.refusal().label());
        }
    }

    private Future<List<Map<String, Object>>> withAccessToken(
            List<Map<String, Object>> known, Secret token, AtomicReference<RefusedToken> refusal) {
        if (!mapping.lacksPermissions(known) || !CallerTokens.isToken(token.reveal())) {
            return Future.succeededFuture(known);
        }
        return Future.succeededFuture(token.reveal())
                .map(TrustedIssuer::read)
                .compose(trusted::verifyAccessToken)
                .map(claims -> with(known, claims.getClaimsMap()))
                .recover(failure -> {
                    if (failure instanceof RefusedToken refused) { // for another audience, such as userinfo
                        refusal.set(refused);
                        return Future.succeededFuture(known);
                    }
                    return Future.failedFuture(failure);
                });
    }

    private Future<List<Map<String, Object>>> withUserInfo(List<Map<String, Object>> known, URI url, Secret token) {
        boolean lacksPermissions = mapping.lacksPermissions(known);
        if (!lacksPermissions && mapping.label(known).isPresent()) {
            return Future.succeededFuture(known);
        }
        return fetch.userInfo(url, token)
                .map(JsonObject::getMap)
                .map(claims -> with(known, claims))
                // without userinfo the person may lack a name, and a claim that adds to the roles which are known
                .recover(failure -> lacksPermissions && mapping.bindings(known).isEmpty()
                        ? Future.failedFuture(failure)
                        : Future.succeededFuture(known));
    }

    private static List<Map<String, Object>> with(List<Map<String, Object>> known, Map<String, Object> more) {
        Object subject = known.getFirst().get("sub");
        if (!isSame(subject, more.get("sub"))) {
            return known;
        }
        List<Map<String, Object>> all = new ArrayList<>(known);
        all.add(more);
        return all;
    }

    private static boolean isSame(@Nullable Object subject, @Nullable Object other) {
        return subject instanceof String && subject.equals(other);
    }
}
