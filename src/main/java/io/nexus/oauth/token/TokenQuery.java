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
 * A caller's requirements on a token.
 *
 * @param minTtl the least remaining life; the configured default when empty
 * @param maxWait how long the caller waits for a refresh; the configured default when empty
 * @param scopes the scopes that the grant must have; {@link Scopes#NONE} for no requirement
 * @param held the tokens that the caller already holds
 * @param limits the credentials that the caller may use
 * @param ofPerson whether the caller asks for a person, so that machine connections are none of the person's
 */
public record TokenQuery(
        Optional<Duration> minTtl,
        Optional<Duration> maxWait,
        Scopes scopes,
        KnownVersions held,
        AccessLimits limits,
        boolean ofPerson) {

    /** Uses the configured defaults. */
    public static final TokenQuery DEFAULT = new TokenQuery(Optional.empty(), Optional.empty());

    /** For a caller that holds no token and requires no scope. */
    public TokenQuery(Optional<Duration> minTtl, Optional<Duration> maxWait) {
        this(minTtl, maxWait, Scopes.NONE, KnownVersions.NONE);
    }

    /** For a caller without limits. */
    public TokenQuery(Optional<Duration> minTtl, Optional<Duration> maxWait, Scopes scopes, KnownVersions held) {
        this(minTtl, maxWait, scopes, held, AccessLimits.ALL, false);
    }

    /** The same query, for a caller with {@code limits}. */
    public TokenQuery within(AccessLimits limits) {
        return new TokenQuery(minTtl, maxWait, scopes, held, limits, ofPerson);
    }

    /** The query of a caller that asks for a person and requires {@code scopes}. */
    public static TokenQuery ofPerson(Scopes scopes) {
        return new TokenQuery(Optional.empty(), Optional.empty(), scopes, KnownVersions.NONE, AccessLimits.ALL, true);
    }

    /**
     * The tokens that a caller already holds. The service does not decrypt such a token again.
     *
     * @param anything whether the caller holds the present token, whatever its version is
     * @param versions the tokens that the caller names
     */
    public record KnownVersions(boolean anything, List<Version> versions) {

        /** The caller holds no token. */
        public static final KnownVersions NONE = new KnownVersions(false, List.of());

        /** Copies the list. */
        public KnownVersions {
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

    /** One token: a credential and its {@code version}. */
    public record Version(UUID credentialId, long version) {}

    /**
     * The reason to refuse the caller the token of {@code credential}: a limit of the caller, or a required scope that the
     * user did not grant. Empty when there is no reason.
     */
    Optional<CredentialException> refusal(StoredCredential credential) {
        if (ofPerson && credential.isMachine()) {
            return Optional.of(new CredentialException.NotFound());
        }
        if (!limits.allows(credential.account(), credential.scopes())) {
            return Optional.of(
                    limits.covers(credential.account())
                            ? new CredentialException.Forbidden("the token has scopes beyond the caller's scope limit")
                            : new CredentialException.NotFound());
        }
        // the provider did not report the granted scopes, so no scope is known to be missing
        if (scopes.isEmpty() || credential.scopes().isEmpty()) {
            return Optional.empty();
        }
        List<String> missing = credential.scopes().missing(scopes);
        return missing.isEmpty()
                ? Optional.empty()
                : Optional.of(new CredentialException.InsufficientScope(credential.key(), missing));
    }

    /** The found credential. One outside the caller's limits fails like one that does not exist. */
    StoredCredential require(Optional<StoredCredential> found) {
        StoredCredential credential =
                found.filter(each -> limits.covers(each.account())).orElseThrow(CredentialException.NotFound::new);
        if (credential.status() == CredentialStatus.REVOKED) {
            throw new CredentialException.Revoked(credential.revokedAt());
        }
        return credential;
    }
}
