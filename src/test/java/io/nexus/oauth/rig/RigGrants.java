package io.nexus.oauth.rig;

import io.nexus.oauth.testing.RotatingGrant;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The provider's grants. A token is {@code rt~tenant~user~grant~generation~marker}; the marker is the canary that must
 * be found nowhere. Each change is written to the log under the same lock that makes it, so the log has the order of events.
 */
final class RigGrants {

    /** One grant of a user; all access under the lock of this object's owner. */
    static final class Grant {
        final String id;
        final String provider;
        final String tenant;
        final String user;
        final RotatingGrant rotation = new RotatingGrant();
        /** The newest refresh token in each answer that was not written yet, by the number of its request. */
        final Map<Integer, Integer> owed = new HashMap<>();

        int requests;
        int busy;

        Grant(String id, String provider, String tenant, String user) {
            this.id = id;
            this.provider = provider;
            this.tenant = tenant;
            this.user = user;
        }
    }

    /** The outcome for a token that was presented. */
    record Spent(String accessToken, String refreshToken) {
        boolean granted() {
            return accessToken != null;
        }
    }

    private final Journal log;
    private final String marker;
    private final Map<String, Grant> grants = new HashMap<>();
    private final Map<String, Integer> counts = new HashMap<>();

    RigGrants(Journal log, String marker) {
        this.log = log;
        this.marker = marker;
    }

    synchronized String[] open(String provider, String tenant, String user, int life) {
        int number = counts.merge(user, 1, Integer::sum);
        Grant grant = new Grant(user + "-" + number, provider, tenant, user);
        grants.put(grant.id, grant);
        log.add("grant", "g", grant.id, "p", provider, "tenant", tenant, "user", user, "r", 1, "a", 1, "life", life);
        return new String[] {access(grant), refresh(grant)};
    }

    synchronized Grant of(String token) {
        String[] parts = token.split("~");
        return parts.length == 6 && parts[5].equals(marker) ? grants.get(parts[3]) : null;
    }

    /** The refresh token of {@code grant}, which a machine connection never gets; empty for no such grant. */
    synchronized String refreshOf(String grant) {
        return grants.containsKey(grant) ? refresh(grants.get(grant)) : "";
    }

    static int generation(String token) {
        return Integer.parseInt(token.split("~")[4]);
    }

    /** Counts a request in; the number of it among those of the grant. */
    synchronized int arrived(Grant grant, String replica, int port, int generation, int secret) {
        grant.requests++;
        grant.busy++;
        log.add(
                "request",
                "g",
                grant.id,
                "p",
                grant.provider,
                "n",
                grant.requests,
                "gen",
                generation,
                "cur",
                grant.rotation.generation(),
                "rep",
                replica,
                "port",
                port,
                "conc",
                grant.busy,
                "secret",
                secret);
        return grant.requests;
    }

    /** {@code fault} is what the dice threw; {@code -} when they lay still. */
    synchronized void ended(Grant grant, int n, String result, int port, String fault) {
        grant.busy--;
        grant.owed.remove(n);
        log.add("end", "g", grant.id, "n", n, "result", result, "port", port, "fault", fault);
    }

    /** Spends {@code token}. With {@code keeps} the refresh token stays as it is in this answer. */
    synchronized Spent spend(Grant grant, int n, String token, boolean keeps, double life, String fault) {
        int presented = generation(token);
        RotatingGrant.Verdict verdict = grant.rotation.spend(RotatingGrant.RULES.get(grant.provider), presented, keeps);
        log.add(
                "spend",
                "g",
                grant.id,
                "p",
                grant.provider,
                "n",
                n,
                "gen",
                presented,
                "verdict",
                verdict.name().toLowerCase(Locale.ROOT),
                "r",
                grant.rotation.generation(),
                "a",
                grant.rotation.access(),
                "life",
                life,
                "fault",
                fault);
        if (verdict.isGranted()) {
            grant.owed.put(n, grant.rotation.generation());
        }
        return verdict.isGranted() ? new Spent(access(grant), refresh(grant)) : new Spent(null, null);
    }

    /**
     * Revokes {@code token} and with it the grant. The successor of an old refresh token survives while its answer is still on its
     * way, as at servers where refresh and revocation cross: that one has to be revoked, too.
     */
    synchronized void revoke(Grant grant, String token, int secret) {
        int presented = generation(token);
        boolean survives =
                token.startsWith("rt~") && grant.owed.values().stream().anyMatch(generation -> generation > presented);
        if (!survives) {
            grant.rotation.end();
        }
        log.add("revoke", "g", grant.id, "secret", secret, "gen", presented, "ends", !survives);
    }

    /** The user ends the grant at the provider. */
    synchronized void withdraw(Grant grant) {
        grant.rotation.end();
        log.add("withdrawn", "g", grant.id);
    }

    private String access(Grant grant) {
        return token("at", grant, grant.rotation.access());
    }

    private String refresh(Grant grant) {
        return token("rt", grant, grant.rotation.generation());
    }

    private String token(String kind, Grant grant, int generation) {
        return String.join("~", kind, grant.tenant, grant.user, grant.id, Integer.toString(generation), marker);
    }
}
