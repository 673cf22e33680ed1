package io.nexus.oauth.rig;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The client secrets that the provider accepts. The first one is everybody's; a tenant's can be changed, and then only the newest works
 * for its grants.
 */
final class RigClients {

    static final String ID = "nexus-rig";

    /** The provider whose accounts are machine connections; the audience of a request is the id of its grant. */
    static final String MACHINE = "machine";

    private final String marker;
    private final Map<String, Integer> newest = new ConcurrentHashMap<>();

    RigClients(String marker) {
        this.marker = marker;
    }

    /** The client secret with this number; 0 is the first. */
    static String secret(String marker, int number) {
        return number == 0 ? "secret-" + marker : "secret-" + number + "-" + marker;
    }

    /** From now on only the secret with this number works for the grants of {@code tenant} at {@code provider}. */
    void change(String provider, String tenant, int number) {
        newest.put(provider + "/" + tenant, number);
    }

    /** Whether {@code params} authenticate the client for a grant of {@code tenant}. */
    boolean accepts(String provider, String tenant, Map<String, String> params) {
        int number = newest.getOrDefault(provider + "/" + tenant, 0);
        return ID.equals(params.get("client_id")) && secret(marker, number).equals(params.get("client_secret"));
    }

    /** The number of the secret that was presented; -1 for one that never was. */
    int number(Map<String, String> params) {
        String presented = params.getOrDefault("client_secret", "");
        if (presented.equals(secret(marker, 0))) {
            return 0;
        }
        String[] parts = presented.split("-");
        return parts.length == 3 && presented.endsWith(marker) ? Integer.parseInt(parts[1]) : -1;
    }
}
