package io.nexus.oauth.access;

import io.nexus.oauth.access.caller.Identity;
import io.nexus.oauth.access.caller.Principal;
import io.nexus.oauth.access.issuer.PageSignIn;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.store.access.PageSessionStore.Stored;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/** Who stands behind a session of the pages, as things are now: nobody, once the key is gone or the issuer no longer trusted. */
@ApplicationScoped
class SessionPrincipals {

    private final ApiKeys keys;
    private final BootstrapKey bootstrap;
    private final PageSignIn signIn;

    SessionPrincipals(ApiKeys keys, BootstrapKey bootstrap, PageSignIn signIn) {
        this.keys = keys;
        this.bootstrap = bootstrap;
        this.signIn = signIn;
    }

    /** Who {@code session}, which is genuine, is of now. Fails as the database does. */
    Uni<Optional<Principal>> now(Stored session) {
        if (session.identity() == null) {
            return session.keyId() == null ? nobody() : keys.holder(session.keyId());
        }
        return signIn.principal(Identity.parse(session.identity()));
    }

    /**
     * What has to stay as it is for the session to last, and stands in no row: the key of the file itself, or what the claims of the issuer
     * are taken for; else an empty text.
     */
    String shown(Stored session) {
        if (session.identity() != null) {
            return signIn.terms(Identity.parse(session.identity()));
        }
        return ApiKeys.BOOTSTRAP.equals(session.keyId())
                ? bootstrap.key().map(Secret::reveal).orElse("")
                : "";
    }

    private static Uni<Optional<Principal>> nobody() {
        return Uni.createFrom().item(Optional.empty());
    }
}
