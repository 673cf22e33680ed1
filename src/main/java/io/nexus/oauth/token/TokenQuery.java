package io.nexus.oauth.token;

import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.StoredCredential;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What a caller asks of a token.
 *
 * @param minTtl what it must be good for, or the configured default
 * @param maxWait how long the caller waits for a refresh, or the configured default
 * @param scopes what the grant has to cover; none when it does not matter
 * @param held which tokens the caller holds already
 * @param limits which credentials the caller may touch
 */
public record TokenQuery(
        Optional<Duration> minTtl, Optional<Duration> maxWait, Scopes scopes, Held held, AccessLimits limits) {

    /** The configured defaults. */
    public static final TokenQuery DEFAULT = new TokenQuery(Optional.empty(), Optional.empty());

    /** Of a caller who holds nothing and needs no scope in particular. */
    public TokenQuery(Optional<Duration> minTtl, Optional<Duration> maxWait) {
        this(minTtl, maxWait, Scopes.NONE, Held.NOTHING);
    }

    /** Of a caller who may touch everything. */
    public TokenQuery(Optional<Duration> minTtl, Optional<Duration> maxWait, Scopes scopes, Held held) {
        this(minTtl, maxWait, scopes, held, AccessLimits.ALL);
    }

    /** The same, of a caller who may touch no more than {@code limits}. */
    public TokenQuery within(AccessLimits limits) {
        return new TokenQuery(minTtl, maxWait, scopes, held, limits);
    }

    /**
     * The tokens that a caller holds: one that is among them is not opened for it again.
     *
     * @param anything whether it is content with whatever it holds
     * @param versions the tokens it names
     */
    public record Held(boolean anything, List<Version> versions) {

        /** A caller with empty hands. */
        public static final Held NOTHING = new Held(false, List.of());

        /** Copies the list. */
        public Held {
            versions = List.copyOf(versions);
        }

        boolean has(UUID credentialId, long version) {
            for (Version each : versions) {
                if (each.version() == version && each.credentialId().equals(credentialId)) {
                    return true;
                }
            }
            return anything;
        }
    }

    /** One token: the {@code version} of a credential's. */
    public record Version(UUID credentialId, long version) {}

    /**
     * Why the caller may not have the token of {@code credential}, or needs scopes that the user did not allow; empty when nothing
     * known is missing.
     */
    Optional<CredentialException> refusal(StoredCredential credential) {
        if (!limits.allows(credential.account(), credential.scopes())) {
            return Optional.of(
                    limits.covers(credential.account())
                            ? new CredentialException.BeyondReach("the token has scopes above the caller's ceiling")
                            : new CredentialException.NotFound());
        }
        // the provider did not say what it granted, so nothing is known to be missing
        if (scopes.isEmpty() || credential.scopes().isEmpty()) {
            return Optional.empty();
        }
        List<String> missing = credential.scopes().missing(scopes);
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of(new CredentialException.InsufficientScope(credential.key(), missing));
    }

    /** The credential that was found. A credential outside the caller's limits looks as if it did not exist. */
    StoredCredential present(Optional<StoredCredential> found) {
        StoredCredential credential =
                found.filter(each -> limits.covers(each.account())).orElseThrow(CredentialException.NotFound::new);
        if (credential.status() == CredentialStatus.REVOKED) {
            throw new CredentialException.Revoked(credential.revokedAt());
        }
        return credential;
    }
}
