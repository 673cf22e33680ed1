package io.nexus.oauth.rig;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Changes the secret of a tenant's OAuth client, here and at the provider. */
final class SecretChanges {

    /** Each replica remembers a registration for ten seconds. */
    private static final long REMEMBERED_MS = 11_000;

    /** A secret may be on its way to the provider for so long, from a replica that stood still since it wakes up. */
    private static final long ON_THE_WAY = 2_000_000;

    /** A client of a tenant. */
    private record Client(String provider, String tenant, String key) {}

    /** From {@code at} on no replica uses an older secret. */
    private record Change(Client client, int number, long at) {}

    private final World world;
    private final Map<Client, Integer> newest = new ConcurrentHashMap<>();
    private final Set<Client> busy = ConcurrentHashMap.newKeySet();
    private final List<Change> changes = new CopyOnWriteArrayList<>();

    SecretChanges(World world) {
        this.world = world;
    }

    /** Does nothing when the client that was picked is being changed already. */
    void change(Random its) throws Exception {
        List<Account> all = world.accounts().all();
        Account account = all.get(its.nextInt(all.size()));
        Client client = new Client(account.provider, account.tenant, account.key);
        boolean gap = its.nextInt(3) == 0;
        if (!busy.add(client)) {
            return;
        }
        try (Http http = new Http()) {
            int old = newest.getOrDefault(client, 0);
            int fresh = old + 1;
            world.events().add("changing", "p", client.provider, "tenant", client.tenant, "number", fresh, "gap", gap);
            // a client of its own, or what is done to it would befall every tenant
            boolean done = store(http, client, old, gap ? old : fresh)
                    && remembered()
                    && atProvider(client, fresh, 1_000 + its.nextInt(2_000))
                    && store(http, client, fresh, fresh)
                    && remembered();
            if (done) {
                changes.add(new Change(client, fresh, Journal.micros()));
            }
        } finally {
            busy.remove(client);
        }
    }

    private static boolean remembered() throws InterruptedException {
        Thread.sleep(REMEMBERED_MS);
        return true;
    }

    private boolean atProvider(Client client, int number, long ms) throws IOException, InterruptedException {
        world.provider().secret(client.provider, client.tenant, number);
        newest.put(client, number);
        Thread.sleep(ms);
        return true;
    }

    /** Registers the client; false when its tenant was ended. */
    private boolean store(Http http, Client client, int first, int second) throws InterruptedException {
        String secret = RigClients.secret(world.marker(), first);
        String other = first == second
                ? ""
                : ",\"second_client_secret\":\"" + RigClients.secret(world.marker(), second) + "\"";
        String body = "{\"client_id\":\"" + RigClients.ID + "\",\"client_secret\":\"" + secret + "\"" + other + "}";
        RunClock patience = new RunClock(Operators.PATIENCE_S);
        while (patience.runs()) {
            try {
                int status = http.exchange(
                                world.anyone().port(), "PUT", "/api/v1/clients/" + client.provider, client.key, body)
                        .status();
                if (status == 200 || status == 410) {
                    return status == 200;
                }
                world.events().add("unchanged", "p", client.provider, "tenant", client.tenant, "status", status);
            } catch (IOException e) {
                // its replica is away
            }
            Thread.sleep(300);
        }
        throw new IllegalStateException("the client of " + client.tenant + " at " + client.provider
                + " could not be stored in " + Operators.PATIENCE_S + " s");
    }

    /** Looks which secrets the provider was shown. */
    Finding finding() throws IOException {
        Finding finding = new Finding("S21", "a changed client secret is used everywhere, and no other");
        Tally changed = finding.tally("changed client secrets", 1);
        Tally shown = finding.tally("requests with a changed client secret", 1);
        changed.add(changes.size());
        Map<String, String> tenants = new HashMap<>();
        List<Journal.Line> wakings = Journal.read(world.plan().directory().resolve("events.log")).stream()
                .filter(line -> line.event().equals("resume"))
                .toList();
        for (Journal.Line line : Journal.read(world.provider().log())) {
            if (line.event().equals("grant")) {
                tenants.put(line.text("g"), line.text("tenant"));
            }
            if (!line.event().equals("request")) {
                continue;
            }
            long secret = line.number("secret");
            shown.addIf(secret > 0);
            if (secret < 0) {
                finding.violation("%s: a client secret that never was", line.text("g"));
            }
            for (Change each : changes) {
                boolean concerns = each.client.provider.equals(line.text("p"))
                        && each.client.tenant.equals(tenants.get(line.text("g")));
                if (concerns && secret < each.number && isLate(line, each.at, wakings)) {
                    finding.violation(
                            "%s: client secret %d, %d ms after it was replaced by %d",
                            line.text("g"), secret, (line.t() - each.at) / 1000, each.number);
                }
            }
        }
        return finding;
    }

    private static boolean isLate(Journal.Line request, long at, List<Journal.Line> wakings) {
        return request.t() > at + ON_THE_WAY
                && wakings.stream()
                        .noneMatch(each -> each.is("rep", request.text("rep"))
                                && each.t() < request.t()
                                && each.t() > request.t() - ON_THE_WAY);
    }
}
