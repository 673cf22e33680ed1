package io.nexus.oauth.rig;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The tenants of a world and their API keys. A tenant that is ended makes room for a new one. */
final class Tenants {

    static final int COUNT = 10;

    /** A tenant. */
    record Tenant(String name, String key) {}

    private final World world;
    private final List<Tenant> living = new CopyOnWriteArrayList<>();
    private final List<String> keys = new CopyOnWriteArrayList<>();
    private final Set<String> ending = ConcurrentHashMap.newKeySet();
    private int numbers;

    Tenants(World world) {
        this.world = world;
    }

    /** Makes the tenants that a world begins with. */
    void begin() throws IOException {
        try (Http http = new Http()) {
            for (int i = 0; i < COUNT; i++) {
                living.add(issue(http));
            }
        }
    }

    /** The tenant at {@code index}, round and round. */
    Tenant at(int index) {
        return living.get(index % living.size());
    }

    /** Somebody begins to end {@code tenant}. */
    void ending(Tenant tenant) {
        ending.add(tenant.name());
    }

    /** Whether somebody has begun to end {@code tenant}. */
    boolean isEnding(String tenant) {
        return ending.contains(tenant);
    }

    /** Puts a new tenant where {@code ended} was. */
    Tenant replace(Http http, Tenant ended) throws IOException {
        Tenant fresh = issue(http);
        living.set(living.indexOf(ended), fresh);
        return fresh;
    }

    /** Every API key that there ever was. */
    List<String> keys() {
        return new ArrayList<>(keys);
    }

    private synchronized Tenant issue(Http http) throws IOException {
        String name = "t" + numbers;
        Http.Answer answer = http.post(
                world.anyone().port(),
                "/api/v1/api-keys",
                world.adminKey(),
                "{\"name\":\"rig\",\"tenant\":\"" + name
                        + "\",\"roles\":[\"token-reader\",\"connector\",\"tenant-admin\",\"auditor\"]}");
        if (answer.status() != 201) {
            throw new IOException("no key for " + name + ": " + answer.status());
        }
        numbers++;
        String key = answer.body().replaceFirst("(?s).*\"(nxo_[^\"]+)\".*", "$1");
        keys.add(key);
        return new Tenant(name, key);
    }
}
