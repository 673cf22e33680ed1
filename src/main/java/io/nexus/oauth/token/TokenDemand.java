package io.nexus.oauth.token;

import io.nexus.oauth.credential.Reach;
import io.nexus.oauth.credential.Scopes;
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
 * @param reach which credentials the caller may touch
 */
public record TokenDemand(
        Optional<Duration> minTtl, Optional<Duration> maxWait, Scopes scopes, Held held, Reach reach) {

    /** The configured defaults. */
    public static final TokenDemand DEFAULT = new TokenDemand(Optional.empty(), Optional.empty());

    /** Of a caller who holds nothing and needs no scope in particular. */
    public TokenDemand(Optional<Duration> minTtl, Optional<Duration> maxWait) {
        this(minTtl, maxWait, Scopes.NONE, Held.NOTHING);
    }

    /** Of a caller who may touch everything. */
    public TokenDemand(Optional<Duration> minTtl, Optional<Duration> maxWait, Scopes scopes, Held held) {
        this(minTtl, maxWait, scopes, held, Reach.ALL);
    }

    /** The same, of a caller who may touch no more than {@code reach}. */
    public TokenDemand within(Reach reach) {
        return new TokenDemand(minTtl, maxWait, scopes, held, reach);
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
}
