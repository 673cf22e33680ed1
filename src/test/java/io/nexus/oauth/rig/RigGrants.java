package io.nexus.oauth.rig;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * The provider's grants. A token is {@code rt~tenant~user~grant~generation~marker}; the marker is the canary that must
 * be found nowhere. Each change is written to the log under the same lock that makes it, so the log has the order of events.
 */
final class RigGrants {

    /** How a provider of the rig treats refresh tokens. */
    record Rule(boolean rotates, Duration grace, boolean latestWins, boolean killsAccessToken) {}

    static final Map<String, Rule> RULES = Map.of(
            "strict", new Rule(true, Duration.ZERO, false, false),
            "graceful", new Rule(true, Duration.ofSeconds(60), false, false),
            "latest", new Rule(true, Duration.ofSeconds(30), true, false),
            "steady", new Rule(false, Duration.ZERO, false, false),
            "killing", new Rule(true, Duration.ZERO, false, true));

    /** One grant of a user; all access under the lock of this object's owner. */
    static final class Grant {
        final String id;
        final String provider;
        final String tenant;
        final String user;
        int generation = 1;
        int access = 1;
        int requests;
        int busy;
        int replayable = -1;
        long rotatedAt;
        boolean dead;

        Grant(String id, String provider, String tenant, String user) {
            this.id = id;
            this.provider = provider;
            this.tenant = tenant;
            this.user = user;
        }
    }

    /** The outcome for a token that was presented. */
    record Spent(String verdict, String accessToken, String refreshToken) {
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
        return new String[] {access(grant), refresh(grant, 1)};
    }

    synchronized Grant of(String token) {
        String[] parts = token.split("~");
        return parts.length == 6 && parts[5].equals(marker) ? grants.get(parts[3]) : null;
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
                grant.generation,
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

    synchronized void ended(Grant grant, int n, String result, int port) {
        grant.busy--;
        log.add("end", "g", grant.id, "n", n, "result", result, "port", port);
    }

    /** Spends {@code token}. With {@code keeps} the refresh token stays as it is in this answer. */
    synchronized Spent spend(Grant grant, int n, String token, boolean keeps, double life, String fault) {
        Rule rule = RULES.get(grant.provider);
        int presented = generation(token);
        String verdict = verdict(grant, rule, presented, keeps);
        boolean granted = switch (verdict) {
            case "rotated", "kept", "successor", "latest" -> true;
            default -> false;
        };
        if (granted) {
            grant.access++;
        }
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
                verdict,
                "r",
                grant.generation,
                "a",
                grant.access,
                "life",
                life,
                "fault",
                fault);
        return granted
                ? new Spent(verdict, access(grant), refresh(grant, grant.generation))
                : new Spent(verdict, null, null);
    }

    private static String verdict(Grant grant, Rule rule, int presented, boolean keeps) {
        if (grant.dead) {
            return "dead";
        }
        if (!rule.rotates()) {
            return "kept";
        }
        if (presented == grant.generation) {
            if (keeps) {
                return "kept";
            }
            grant.generation++;
            grant.replayable = presented;
            grant.rotatedAt = System.nanoTime();
            return "rotated";
        }
        boolean late = System.nanoTime() - grant.rotatedAt > rule.grace().toNanos();
        if (presented != grant.replayable || late) {
            grant.dead = true; // reuse: the whole family ends
            return "reuse";
        }
        if (rule.latestWins()) {
            grant.generation++; // the earlier successor is dead; the token before it still finds its window
            return "latest";
        }
        return "successor";
    }

    synchronized void revoke(Grant grant, int secret) {
        grant.dead = true;
        log.add("revoke", "g", grant.id, "secret", secret);
    }

    private String access(Grant grant) {
        return token("at", grant, grant.access);
    }

    private String refresh(Grant grant, int generation) {
        return token("rt", grant, generation);
    }

    private String token(String kind, Grant grant, int generation) {
        return String.join("~", kind, grant.tenant, grant.user, grant.id, Integer.toString(generation), marker);
    }
}
