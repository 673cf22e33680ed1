package io.nexus.oauth.sandbox;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an account has allowed. Holds hashes of tokens, never a token.
 *
 * @param id the hash of the part that every refresh token of the grant starts with
 * @param account the name chosen on the consent page
 * @param scope as granted
 * @param created when
 * @param refreshHash of the one refresh token that is valid
 * @param rotations how many came before it
 * @param access the access tokens that may still be valid
 * @param ended when it was revoked, or null
 * @param reason why it ended, or null
 */
record SandboxGrant(
        String id,
        String account,
        String scope,
        Instant created,
        String refreshHash,
        int rotations,
        List<Access> access,
        @Nullable Instant ended,
        @Nullable String reason) {

    /** More valid ones than this per grant are not kept: a client that refreshes in a loop must not fill the file. */
    private static final int MAX_ACCESS = 50;

    /**
     * An access token.
     *
     * @param hash of it
     * @param scope which may be less than the grant's
     * @param expires from then on it is refused
     */
    record Access(String hash, String scope, Instant expires) {}

    @JsonIgnore
    boolean isLive() {
        return ended == null;
    }

    /** With the next pair of tokens; access tokens over at {@code now} are forgotten. */
    SandboxGrant rotated(String nextRefreshHash, Access next, Instant now) {
        List<Access> valid =
                access.stream().filter(a -> a.expires().isAfter(now)).toList();
        List<Access> kept = Stream.concat(
                        valid.stream().skip(Math.max(0, valid.size() - MAX_ACCESS + 1)), Stream.of(next))
                .toList();
        return new SandboxGrant(id, account, scope, created, nextRefreshHash, rotations + 1, kept, null, null);
    }

    /** Over, with every token of it. */
    SandboxGrant ended(Instant now, String why) {
        return new SandboxGrant(id, account, scope, created, refreshHash, rotations, List.of(), now, why);
    }

    SandboxGrant withoutAccess(String hash) {
        List<Access> kept = access.stream().filter(a -> !a.hash().equals(hash)).toList();
        return new SandboxGrant(id, account, scope, created, refreshHash, rotations, kept, ended, reason);
    }
}
