package io.nexus.oauth.access.issuer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.nexus.oauth.access.caller.Principal;
import io.nexus.oauth.access.policy.Policies;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates callers by JWT. {@link TrustedIssuer} checks signature and claims. A verified token is cached by its digest, for a minute at most and never past
 * its expiry. So a token signed by a withdrawn key is accepted for one more minute at most after the keys were fetched
 * again.
 */
@ApplicationScoped
public class CallerTokens {

    private static final Logger LOG = Logger.getLogger(CallerTokens.class);
    static final Duration VERIFIED_TTL = Duration.ofSeconds(60);

    private final TrustedIssuers issuers;
    private final Policies policies;
    private final Clock clock;
    private final Cache<String, VerifiedToken> verified = Caffeine.newBuilder()
            .expireAfterWrite(VERIFIED_TTL)
            .maximumSize(10_000)
            .build();
    private final TokenRefusal.Counts refused = new TokenRefusal.Counts();

    public CallerTokens(TrustedIssuers issuers, Policies policies, Clock clock) {
        this.issuers = issuers;
        this.policies = policies;
        this.clock = clock;
    }

    /**
     * The number of trusted issuers. Throws {@link io.quarkus.runtime.configuration.ConfigurationException} when the
     * settings of one are invalid.
     */
    public int trusted() {
        return issuers.size();
    }

    /** How many tokens were refused because of {@code refusal}. */
    public long refused(TokenRefusal refusal) {
        return refused.of(refusal);
    }

    /** Whether {@code credential} looks like a signed token (RFC 7515 section 3.1). */
    public static boolean isToken(String credential) {
        return credential.startsWith("eyJ")
                && credential.chars().filter(c -> c == '.').count() == 2;
    }

    /**
     * The principal of {@code token}; empty when the token is refused. Does not block. Fails with {@link
     * IssuerUnavailable} when the issuer's keys cannot be fetched, and with {@code StorageException} when the database
     * fails.
     */
    public Uni<Optional<Principal>> authenticate(String token) {
        String digest = digest(token);
        VerifiedToken known = verified.getIfPresent(digest);
        if (known != null && clock.instant().isBefore(known.expiresAt())) {
            return principal(known);
        }
        return onCallersContext(verify(token))
                .invoke(found -> verified.put(digest, found))
                .chain(this::principal)
                .onFailure(RefusedToken.class)
                .recoverWithItem(failure -> {
                    refused.add(failure.refusal());
                    LOG.debugf(
                            "a caller's token is refused: %s", failure.refusal().label());
                    return Optional.empty();
                });
    }

    private Uni<Optional<Principal>> principal(VerifiedToken token) {
        return policies.current().map(snapshot -> Optional.of(token.under(snapshot)));
    }

    /** Verifies {@code token}. Fails with {@link RefusedToken} or {@link IssuerUnavailable}. */
    Future<VerifiedToken> verify(String token) {
        return issuers.verify(token, TrustedIssuer::verify);
    }

    /** Completes {@code future} on the caller's own Vert.x context, whichever caller started a shared fetch. */
    static <T> Uni<T> onCallersContext(Future<T> future) {
        return Uni.createFrom().emitter(emitter -> {
            Context caller = Vertx.currentContext();
            future.onComplete(done -> on(caller, () -> {
                if (done.succeeded()) {
                    emitter.complete(done.result());
                } else {
                    emitter.fail(done.cause());
                }
            }));
        });
    }

    private static void on(@Nullable Context context, Runnable action) {
        if (context == null || context.equals(Vertx.currentContext())) {
            action.run();
        } else {
            context.runOnContext(ignored -> action.run());
        }
    }

    /** The key of {@code token} in a cache, which must not hold the token itself. */
    static String digest(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
