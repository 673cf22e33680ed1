package io.nexus.oauth.access.issuer;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.nexus.oauth.access.policy.Policies;
import io.nexus.oauth.credential.TenantId;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Verifies the tokens of users for whom callers ask (RFC 8693 section 2.1, {@code subject_token}). A verified token is cached by its
 * digest, as that of a caller is: for a minute at most and never past its expiry.
 */
@ApplicationScoped
public class SubjectTokens {

    /** As much as a header has room for. */
    private static final int MAX_LENGTH = 16 * 1024;

    /** The most characters of all tokens whose claims are cached: those of 10,000 usual ones. */
    static final long MAX_WEIGHT = 20_000_000;

    private static final Logger LOG = Logger.getLogger(SubjectTokens.class);

    private final TrustedIssuers issuers;
    private final Policies policies;
    private final Clock clock;
    private final TokenRefusal.Counts refused = new TokenRefusal.Counts();
    private final Cache<String, Verified> verified = Caffeine.newBuilder()
            .expireAfterWrite(CallerTokens.VERIFIED_TTL)
            .maximumWeight(MAX_WEIGHT)
            .weigher((String digest, Verified token) -> digest.length() + token.length())
            .build();

    SubjectTokens(TrustedIssuers issuers, Policies policies, Clock clock) {
        this.issuers = issuers;
        this.policies = policies;
        this.clock = clock;
    }

    /** How many tokens of users were refused because of {@code refusal}. */
    public long refused(TokenRefusal refusal) {
        return refused.of(refusal);
    }

    /**
     * The subject of {@code token}; empty when the token is refused, for which a metric has the reason. Does not
     * block. Fails with {@link IssuerUnavailable} when the issuer's keys cannot be fetched, and with {@code
     * StorageException} when the database fails.
     *
     * @param isIdToken whether the caller says that it is an ID token
     */
    public Uni<Optional<Subject>> verify(String token, boolean isIdToken) {
        if (!CallerTokens.isToken(token) || token.length() > MAX_LENGTH) {
            return Uni.createFrom().item(refused(new RefusedToken(TokenRefusal.MALFORMED)));
        }
        return found(token, isIdToken)
                .chain(found -> policies.current()
                        .map(snapshot -> Optional.of(new Subject(
                                found.token().under(snapshot).name(),
                                found.user(),
                                found.tenants(),
                                actor(found, found.mayAct()),
                                actor(found, found.act()),
                                CallerTokens.digest(token),
                                found.expiresAt()))))
                .onFailure(RefusedToken.class)
                .recoverWithItem(this::refused);
    }

    private Uni<VerifiedSubject> found(String token, boolean isIdToken) {
        String key = CallerTokens.digest(token) + isIdToken;
        Verified known = verified.getIfPresent(key);
        return known != null && clock.instant().isBefore(known.subject().token().expiresAt())
                ? Uni.createFrom().item(known.subject())
                : CallerTokens.onCallersContext(verifyNew(token, isIdToken))
                        .invoke(found -> verified.put(key, new Verified(found, token.length())));
    }

    /** Verifies {@code token}. Fails with {@link RefusedToken} or {@link IssuerUnavailable}. */
    Future<VerifiedSubject> verifyNew(String token, boolean isIdToken) {
        return issuers.verify(token, (issuer, read) -> issuer.verifySubject(read, isIdToken));
    }

    /** The weight of the cached tokens. */
    long weight() {
        verified.cleanUp();
        return verified.asMap().entrySet().stream()
                .mapToLong(each -> each.getKey().length() + each.getValue().length())
                .sum();
    }

    private Optional<Subject> refused(RefusedToken failure) {
        refused.add(failure.refusal());
        LOG.debugf("a user's token is refused: %s", failure.refusal().label());
        return Optional.empty();
    }

    /**
     * The name of the caller in {@code claim}, a claim {@code may_act} or {@code act}: null when the token has none, empty when the
     * service does not understand it.
     */
    private @Nullable String actor(VerifiedSubject found, @Nullable Object claim) {
        if (claim == null) {
            return null;
        }
        if (!(claim instanceof Map<?, ?> actor)) {
            return "";
        }
        Map<String, Object> members = new HashMap<>();
        actor.forEach((name, value) -> members.put(String.valueOf(name), value));
        members.remove("act"); // earlier actors (RFC 8693 section 4.1)
        Object named = members.get("iss");
        TrustedIssuer issuer =
                issuers.of(named == null ? found.token().identity().issuer() : String.valueOf(named));
        return issuer == null ? "" : issuer.actorName(members).orElse("");
    }

    /** A cached subject, and the length of its token: the claims are no longer than that. */
    private record Verified(VerifiedSubject subject, int length) {}

    /**
     * What a verified token says of a user.
     *
     * @param token the user as a caller
     * @param user the user as the accounts of the service name it
     * @param tenants the user's tenants; empty when the issuer's settings do not tell
     * @param mayAct the claim {@code may_act} (RFC 8693 section 4.4), or null
     * @param act the claim {@code act} (RFC 8693 section 4.1), or null
     * @param expiresAt when the token expires, without any leeway
     */
    record VerifiedSubject(
            VerifiedToken token,
            String user,
            Optional<Set<TenantId>> tenants,
            @Nullable Object mayAct,
            @Nullable Object act,
            Instant expiresAt) {}

    /**
     * The user for whom a caller asks.
     *
     * @param name the user as a caller, for the audit trail
     * @param user the user as the accounts of the service name it
     * @param tenants the user's tenants; empty when the issuer's settings do not tell
     * @param onlyActor the name of the only caller that may act for the user, or null when every caller may
     * @param actor the name of the caller that acted for the user so far, or null
     * @param digest the SHA-256 of the token, by which caches tell tokens apart
     * @param expiresAt when the token expires, without any leeway
     */
    public record Subject(
            String name,
            String user,
            Optional<Set<TenantId>> tenants,
            @Nullable String onlyActor,
            @Nullable String actor,
            String digest,
            Instant expiresAt) {

        /** Whether the token lets the caller {@code name} act for the user (RFC 8693 section 4.4). */
        public boolean allowsActor(String name) {
            return onlyActor == null || onlyActor.equals(name);
        }

        /** The user and the actor so far, for the audit trail. */
        public String chain() {
            return actor == null ? name : name + " by " + (actor.isEmpty() ? "another actor" : actor);
        }

        /** Whether the user belongs to {@code tenant}, as far as the issuer tells. */
        public boolean isOf(TenantId tenant) {
            return tenants.map(known -> known.contains(tenant)).orElse(true);
        }
    }
}
