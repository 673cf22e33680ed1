package io.nexus.oauth.sandbox;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * All grants and the rules of their tokens. Every change is on the disk before it is answered, and nothing changes when it
 * cannot be written. Blocks: call it from a worker thread.
 */
final class SandboxGrants {

    /**
     * A pair of tokens as handed out, the only time their text exists here.
     *
     * @param access the access token
     * @param refresh the refresh token
     * @param scope of the access token
     * @param grant the id of the grant
     */
    record Tokens(String access, String refresh, String scope, String grant) {}

    /**
     * Whom a valid access token speaks for.
     *
     * @param account the account
     * @param scope of the token
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

    /** A new grant and its first tokens. */
    synchronized Tokens open(String account, String scope) {
        String family = TokenFactory.random();
        Tokens tokens = tokens(family, scope);
        SandboxGrant grant = new SandboxGrant(
                tokens.grant(),
                account,
                scope,
                clock.instant(),
                TokenFactory.hash(tokens.refresh()),
                0,
                List.of(access(tokens)),
                null,
                null);
        save(grant);
        return tokens;
    }

    /**
     * The next tokens of a grant. {@code refresh} is spent by it; whoever shows a spent one ends the grant (RFC 9700 section
     * 4.14.2): either the one that showed it or the one that spent it was not the client.
     */
    synchronized Tokens rotate(String refresh, @Nullable String narrowed) {
        String family = TokenFactory.family(refresh);
        SandboxGrant grant = current().get(TokenFactory.hash(family));
        if (grant == null || !grant.isLive()) {
            throw OAuthError.invalidGrant("the refresh token is not known or its grant has ended");
        }
        if (!grant.refreshHash().equals(TokenFactory.hash(refresh))) {
            save(grant.ended(clock.instant(), "a spent refresh token was used again"));
            throw OAuthError.invalidGrant("the refresh token was used before: its grant has ended");
        }
        String scope = narrowed == null ? grant.scope() : SandboxScopes.within(grant.scope(), narrowed);
        Tokens tokens = tokens(family, scope);
        save(grant.rotated(TokenFactory.hash(tokens.refresh()), access(tokens), clock.instant()));
        return tokens;
    }

    /** RFC 7009: a refresh token ends its grant, an access token only itself, anything else nothing. */
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

    /** Ends the grant {@code id}, if it is there. */
    synchronized void end(String id, String why) {
        SandboxGrant grant = current().get(id);
        if (grant != null && grant.isLive()) {
            save(grant.ended(clock.instant(), why));
        }
    }

    /** Who an access token speaks for, if it is valid now. */
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

    /** All, the newest first. */
    synchronized List<SandboxGrant> list() {
        return current().values().stream()
                .sorted(Comparator.comparing(SandboxGrant::created).reversed())
                .toList();
    }

    private Tokens tokens(String family, String scope) {
        return new Tokens(TokenFactory.access(), TokenFactory.refresh(family), scope, TokenFactory.hash(family));
    }

    private SandboxGrant.Access access(Tokens tokens) {
        return new SandboxGrant.Access(
                TokenFactory.hash(tokens.access()),
                tokens.scope(),
                clock.instant().plus(lifetime));
    }

    private void save(SandboxGrant grant) {
        Map<String, SandboxGrant> next = new LinkedHashMap<>(current());
        next.put(grant.id(), grant);
        bound(next);
        file.write(next.values());
        grants = next;
    }

    /** Ended ones go first, the longest ended before the others; then the oldest. */
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
