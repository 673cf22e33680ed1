package io.nexus.oauth.access.issuer;

import io.nexus.oauth.access.caller.Principal;
import io.nexus.oauth.access.policy.Policies;
import io.nexus.oauth.credential.TenantId;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Verifies the tokens of users for whom callers ask (RFC 8693 section 2.1, {@code subject_token}). */
@ApplicationScoped
public class SubjectTokens {

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
        return CallerTokens.onCallersContext(
                        issuers.verify(token, (issuer, read) -> issuer.verifySubject(read, isIdToken)))
                .chain(found -> policies.current()
                        .map(snapshot -> Optional.of(new Subject(
                                found.token().under(snapshot), found.user(), found.tenants(), actor(found)))))
                .onFailure(RefusedToken.class)
                .recoverWithItem(failure -> {
                    callers.count(failure.refusal());
                    return Optional.empty();
                });
    }

    /** The only caller that may act for the user, by its name; null when the token names none. */
    private @Nullable String actor(VerifiedSubject found) {
        if (found.mayAct() == null) {
            return null;
        }
        if (found.mayAct() instanceof Map<?, ?> actor && actor.get("sub") instanceof String subject) {
            Object named = actor.get("iss");
            TrustedIssuer issuer =
                    issuers.of(named == null ? found.token().identity().issuer() : String.valueOf(named));
            return issuer == null ? "" : issuer.callerName(subject);
        }
        return ""; // the token limits who may act, in a way that the service does not understand
    }

    /**
     * What a verified token says of a user.
     *
     * @param token the user as a caller
     * @param user the user as the accounts of the service name it
     * @param tenants the user's tenants; empty when the issuer's settings do not tell
     * @param mayAct the claim {@code may_act} (RFC 8693 section 4.4), or null
     */
    record VerifiedSubject(
            VerifiedToken token,
            String user,
            Optional<Set<TenantId>> tenants,
            @Nullable Object mayAct) {}

    /**
     * The user for whom a caller asks.
     *
     * @param principal the user as a caller
     * @param user the user as the accounts of the service name it
     * @param tenants the user's tenants; empty when the issuer's settings do not tell
     * @param actor the name of the only caller that may act for the user, or null when every caller may
     */
    public record Subject(
            Principal principal,
            String user,
            Optional<Set<TenantId>> tenants,
            @Nullable String actor) {

        /** Whether the token lets the caller {@code name} act for the user (RFC 8693 section 4.4). */
        public boolean allowsActor(String name) {
            return actor == null || actor.equals(name);
        }

        /** Whether the user belongs to {@code tenant}, as far as the issuer tells. */
        public boolean isOf(TenantId tenant) {
            return tenants.map(known -> known.contains(tenant)).orElse(true);
        }
    }
}
