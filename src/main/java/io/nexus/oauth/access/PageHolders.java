package io.nexus.oauth.access;

import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.store.PageSessionStore.Stored;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Optional;

/** Who stands behind a session of the pages, as things are now: nobody, once the key is gone or the issuer no longer trusted. */
@ApplicationScoped
class PageHolders {

    private final ApiKeys keys;
    private final BootstrapKey bootstrap;
    private final TrustedIssuers issuers;
    private final Policies policies;

    PageHolders(ApiKeys keys, BootstrapKey bootstrap, TrustedIssuers issuers, Policies policies) {
        this.keys = keys;
        this.bootstrap = bootstrap;
        this.issuers = issuers;
        this.policies = policies;
    }

    /** Who {@code session}, which is genuine, is of now. Fails as the database does. */
    Uni<Optional<Principal>> now(Stored session) {
        if (session.identity() == null) {
            return session.keyId() == null ? nobody() : keys.holder(session.keyId());
        }
        Identity who = Identity.parse(session.identity());
        boolean trusted =
                issuers.signIns().values().stream().anyMatch(way -> way.issuer().equals(who.issuer()));
        return trusted
                ? policies.current().map(snapshot -> Optional.of(new VerifiedToken(who, Instant.MAX).under(snapshot)))
                : nobody();
    }

    /**
     * What has to stay as it is for the session to last, and stands in no row: the key of the file itself, or what the claims of the issuer
     * are taken for; else an empty text.
     */
    String shown(Stored session) {
        if (session.identity() != null) {
            TrustedIssuer issuer = issuers.of(Identity.parse(session.identity()).issuer());
            return issuer == null ? "" : issuer.terms();
        }
        return ApiKeys.BOOTSTRAP.equals(session.keyId())
                ? bootstrap.key().map(Secret::reveal).orElse("")
                : "";
    }

    private static Uni<Optional<Principal>> nobody() {
        return Uni.createFrom().item(Optional.empty());
    }
}
