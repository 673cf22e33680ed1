package io.nexus.oauth.sandbox;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All grants and the rules of their tokens. A change is on the disk before the call returns; when it cannot be written,
 * nothing changes. Blocks: call it from a worker thread.
 */
final class SandboxGrants {

    /**
     * A pair of issued tokens; only here their text exists.
     *
     * @param access the access token
     * @param refresh the refresh token; empty for a token of the client itself
     * @param scope the scopes of the access token
     * @param lifetime how long the access token is valid
     * @param grant the id of the grant
     * @param behavior how the server treats the grant
     */
    record Tokens(
            String access, String refresh, String scope, Duration lifetime, String grant, GrantBehavior behavior) {}

    /**
     * The account of a valid access token.
     *
     * @param account the account
     * @param scope the scopes of the token
     */
    record Bearer(String account, String scope) {}

    static final int MAX = 10_000;

    private final GrantFile file;
    private final Clock clock;
    private final Duration lifetime;
    private @Nullable Map<String, SandboxGrant> grants;

    SandboxGrants(GrantFile file, Clock clock, Duration lifetime) {
        this.file = file;
        this.clock = clock;
        this.lifetime = lifetime;
    }

    /** Stores a new grant and returns its first tokens. */
    synchronized Tokens open(String account, String scope, GrantBehavior behavior) {
        String family = TokenFactory.random();
        Tokens tokens = tokens(family, scope, behavior);
        SandboxGrant grant = new SandboxGrant(
                tokens.grant(),
                account,
                scope,
                clock.instant(),
                TokenFactory.hash(tokens.refresh()),
                0,
                List.of(access(tokens)),
                behavior,
                null,
                null);
        save(grant);
        return tokens;
    }

    /** A token of the client {@code id} itself, for which there is one grant for each set of scopes and no refresh token. */
    synchronized Tokens machine(String id, String scope) {
        String family = "client_credentials " + id + " " + scope;
        Tokens tokens = new Tokens(
                TokenFactory.access(), "", scope, lifetime, TokenFactory.hash(family), GrantBehavior.OF_CLIENT);
        SandboxGrant present = current().get(tokens.grant());
        Instant now = clock.instant();
        save(
                present == null
                        ? new SandboxGrant(
                                tokens.grant(),
                                id,
                                scope,
                                now,
                                TokenFactory.random(),
                                0,
                                List.of(access(tokens)),
                                GrantBehavior.OF_CLIENT,
                                null,
                                null)
                        : present.rotated(present.refreshHash(), access(tokens), now));
        return tokens;
    }

    /**
     * Issues the next tokens of a grant and invalidates {@code refresh}. Reuse of an invalidated refresh token ends the
     * grant (RFC 9700 section 4.14.2), because one of the two users was not the client.
     */
    synchronized Tokens rotate(String refresh, @Nullable String narrowed) {
        String family = TokenFactory.family(refresh);
        SandboxGrant grant = current().get(TokenFactory.hash(family));
        if (grant == null || !grant.isLive()) {
            throw OAuthError.invalidGrant("the refresh token is unknown or its grant has ended");
        }
        if (!grant.refreshHash().equals(TokenFactory.hash(refresh))) {
            save(grant.ended(clock.instant(), "a spent refresh token was used again"));
            throw OAuthError.invalidGrant("the refresh token was used before: its grant has ended");
        }
        grant.behavior().check(clock.instant());
        String scope = narrowed == null ? grant.scope() : SandboxScopes.within(grant.scope(), narrowed);
        Tokens tokens = tokens(family, scope, grant.behavior());
        save(grant.rotated(TokenFactory.hash(tokens.refresh()), access(tokens), clock.instant()));
        return tokens;
    }

    /**
     * Revokes a token (RFC 7009): a refresh token ends its grant, an access token only itself. An unknown token changes
     * nothing.
     */
    synchronized void revoke(String token) {
        String hash = TokenFactory.hash(token);
        SandboxGrant grant = current().get(TokenFactory.hash(TokenFactory.family(token)));
        if (grant != null && grant.isLive()) {
            save(grant.ended(clock.instant(), "revoked by the client"));
            return;
        }
        current().values().stream()
                .filter(g -> g.access().stream().anyMatch(a -> a.hash().equals(hash)))
                .findFirst()
                .ifPresent(g -> save(g.withoutAccess(hash)));
    }

    /** Ends the grant {@code id}, if it exists. */
    synchronized void end(String id, String why) {
        SandboxGrant grant = current().get(id);
        if (grant != null && grant.isLive()) {
            save(grant.ended(clock.instant(), why));
        }
    }

    /** The account of an access token, if the token is valid now. */
    synchronized Optional<Bearer> byAccessToken(String token) {
        String hash = TokenFactory.hash(token);
        Instant now = clock.instant();
        return current().values().stream()
                .filter(SandboxGrant::isLive)
                .flatMap(g -> g.access().stream()
                        .filter(a -> a.hash().equals(hash) && a.expires().isAfter(now))
                        .map(a -> new Bearer(g.account(), a.scope())))
                .findFirst();
    }

    /** All grants, newest first. */
    synchronized List<SandboxGrant> list() {
        return current().values().stream()
                .sorted(Comparator.comparing(SandboxGrant::created).reversed())
                .toList();
    }

    private Tokens tokens(String family, String scope, GrantBehavior behavior) {
        return new Tokens(
                TokenFactory.access(),
                TokenFactory.refresh(family),
                scope,
                Objects.requireNonNullElse(behavior.lifetime(), lifetime),
                TokenFactory.hash(family),
                behavior);
    }

    private SandboxGrant.Access access(Tokens tokens) {
        return new SandboxGrant.Access(
                TokenFactory.hash(tokens.access()),
                tokens.scope(),
                clock.instant().plus(tokens.lifetime()));
    }

    private void save(SandboxGrant grant) {
        Map<String, SandboxGrant> next = new LinkedHashMap<>(current());
        next.put(grant.id(), grant);
        bound(next);
        file.write(next.values());
        grants = next;
    }

    /** Removes a grant beyond the limit: the one that ended first, or the oldest when none has ended. */
    private static void bound(Map<String, SandboxGrant> grants) {
        if (grants.size() <= MAX) {
            return;
        }
        Collection<SandboxGrant> all = grants.values();
        all.stream()
                .filter(g -> !g.isLive())
                .min(Comparator.comparing(SandboxGrant::ended, Comparator.nullsLast(Comparator.naturalOrder())))
                .or(() -> all.stream().min(Comparator.comparing(SandboxGrant::created)))
                .ifPresent(g -> grants.remove(g.id()));
    }

    private Map<String, SandboxGrant> current() {
        if (grants == null) {
            Map<String, SandboxGrant> read = new LinkedHashMap<>();
            file.read().forEach(g -> read.put(g.id(), g));
            grants = read;
        }
        return grants;
    }
}
