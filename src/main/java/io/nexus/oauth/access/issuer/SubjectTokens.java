package io.nexus.oauth.access.issuer;

import io.nexus.oauth.access.policy.Policies;
import io.nexus.oauth.credential.TenantId;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Verifies the tokens of users for whom callers ask (RFC 8693 section 2.1, {@code subject_token}). */
@ApplicationScoped
public class SubjectTokens {

    /** As much as a header has room for. */
    private static final int MAX_LENGTH = 16 * 1024;

    private final TrustedIssuers issuers;
    private final CallerTokens callers;
    private final Policies policies;

    SubjectTokens(TrustedIssuers issuers, CallerTokens callers, Policies policies) {
        this.issuers = issuers;
        this.callers = callers;
        this.policies = policies;
    }

    /**
     * The subject of {@code token}; empty when the token is refused, for which the callers' metric has the reason. Does not
     * block. Fails with {@link IssuerUnavailable} when the issuer's keys cannot be fetched, and with {@code
     * StorageException} when the database fails.
     *
     * @param isIdToken whether the caller says that it is an ID token
     */
    public Uni<Optional<Subject>> verify(String token, boolean isIdToken) {
        if (!CallerTokens.isToken(token) || token.length() > MAX_LENGTH) {
            callers.count(TokenRefusal.MALFORMED);
            return Uni.createFrom().item(Optional.empty());
        }
        return CallerTokens.onCallersContext(
                        issuers.verify(token, (issuer, read) -> issuer.verifySubject(read, isIdToken)))
                .chain(found -> policies.current()
                        .map(snapshot -> Optional.of(new Subject(
                                found.token().under(snapshot).name(),
                                found.user(),
                                found.tenants(),
                                actor(found, found.mayAct()),
                                actor(found, found.act())))))
                .onFailure(RefusedToken.class)
                .recoverWithItem(failure -> {
                    callers.count(failure.refusal());
                    return Optional.empty();
                });
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

    /**
     * What a verified token says of a user.
     *
     * @param token the user as a caller
     * @param user the user as the accounts of the service name it
     * @param tenants the user's tenants; empty when the issuer's settings do not tell
     * @param mayAct the claim {@code may_act} (RFC 8693 section 4.4), or null
     * @param act the claim {@code act} (RFC 8693 section 4.1), or null
     */
    record VerifiedSubject(
            VerifiedToken token,
            String user,
            Optional<Set<TenantId>> tenants,
            @Nullable Object mayAct,
            @Nullable Object act) {}

    /**
     * The user for whom a caller asks.
     *
     * @param name the user as a caller, for the audit trail
     * @param user the user as the accounts of the service name it
     * @param tenants the user's tenants; empty when the issuer's settings do not tell
     * @param onlyActor the name of the only caller that may act for the user, or null when every caller may
     * @param actor the name of the caller that acted for the user so far, or null
     */
    public record Subject(
            String name,
            String user,
            Optional<Set<TenantId>> tenants,
            @Nullable String onlyActor,
            @Nullable String actor) {

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
