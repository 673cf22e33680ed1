package io.nexus.oauth.access;

import io.nexus.oauth.access.caller.Identity;
import io.nexus.oauth.access.caller.Principal;
import io.nexus.oauth.access.issuer.PageSignIn;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.store.access.PageSessionStore.Stored;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/**
 * Finds the current principal of a page session: none when its key is no longer valid or its issuer no longer trusted.
 */
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

    /**
     * The current principal of {@code session}, whose digest was verified. Fails with {@code StorageException} when the
     * database fails.
     */
    Uni<Optional<Principal>> current(Stored session) {
        if (session.identity() == null) {
            return session.keyId() == null ? none() : keys.holder(session.keyId());
        }
        return signIn.principal(Identity.parse(session.identity()));
    }

    /** The identity provider at which the person of {@code session} signed in; empty for an API key. */
    Optional<PageSignIn.Choice> issuer(Stored session) {
        return Optional.ofNullable(session.identity()).map(Identity::parse).flatMap(signIn::issuer);
    }

    /**
     * The values outside the database that the session depends on: the bootstrap key, or the claim mapping of the
     * issuer; otherwise an empty text. The session ends when they change.
     */
    String unstoredTerms(Stored session) {
        if (session.identity() != null) {
            return signIn.terms(Identity.parse(session.identity()));
        }
        return ApiKeys.BOOTSTRAP.equals(session.keyId())
                ? bootstrap.key().map(Secret::reveal).orElse("")
                : "";
    }

    private static Uni<Optional<Principal>> none() {
        return Uni.createFrom().item(Optional.empty());
    }
}
