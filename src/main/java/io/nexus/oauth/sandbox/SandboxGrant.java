package io.nexus.oauth.sandbox;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A grant of an account. Holds hashes of tokens, never a token.
 *
 * @param id the hash of the family, the part with which every refresh token of the grant starts
 * @param account the account entered on the consent page
 * @param scope the granted scopes
 * @param created when the user granted it
 * @param refreshHash the hash of the only valid refresh token
 * @param rotations the number of earlier refresh tokens
 * @param access the access tokens that may still be valid
 * @param behavior how the server treats the grant
 * @param ended when it ended, or null
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
        GrantBehavior behavior,
        @Nullable Instant ended,
        @Nullable String reason) {

    /** A file of an earlier release has no behaviour. */
    @SuppressWarnings("ConstantValue") // Jackson leaves out what the file does not have
    SandboxGrant {
        behavior = Objects.requireNonNullElse(behavior, GrantBehavior.WORKS);
    }

    /**
     * The highest number of valid access tokens per grant: a client that refreshes in a loop must not fill the file.
     */
    private static final int MAX_ACCESS = 50;

    /**
     * An access token.
     *
     * @param hash the hash of the token
     * @param scope the scopes of the token, all or some of the grant's
     * @param expires when it expires
     */
    record Access(String hash, String scope, Instant expires) {}

    /** When the user granted it, in whole seconds for the page. */
    public Instant since() {
        return created.truncatedTo(ChronoUnit.SECONDS);
    }

    @JsonIgnore
    boolean isLive() {
        return ended == null;
    }

    /** This grant with the next pair of tokens, without access tokens that are expired at {@code now}. */
    SandboxGrant rotated(String nextRefreshHash, Access next, Instant now) {
        List<Access> valid =
                access.stream().filter(a -> a.expires().isAfter(now)).toList();
        List<Access> kept = Stream.concat(
                        valid.stream().skip(Math.max(0, valid.size() - MAX_ACCESS + 1)), Stream.of(next))
                .toList();
        return new SandboxGrant(
                id, account, scope, created, nextRefreshHash, rotations + 1, kept, behavior, null, null);
    }

    /** This grant as ended, with all its tokens. */
    SandboxGrant ended(Instant now, String why) {
        return new SandboxGrant(id, account, scope, created, refreshHash, rotations, List.of(), behavior, now, why);
    }

    SandboxGrant withoutAccess(String hash) {
        List<Access> kept = access.stream().filter(a -> !a.hash().equals(hash)).toList();
        return new SandboxGrant(id, account, scope, created, refreshHash, rotations, kept, behavior, ended, reason);
    }
}
