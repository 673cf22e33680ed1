package io.nexus.oauth.rig;

import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;

/** Ends tenants: in order, after every grant was revoked, or by force. A new tenant with as many accounts takes the place of each. */
final class TenantEnds {

    /** So long another replica may hold the tenant's key; the tenth of a second more is for the clock of the log. */
    private static final long FORGOTTEN_MS = 12_100;

    private static final int GONE = 410;
    private static final int LIFE_S = 30;

    /** After so many tries every account is revoked again. */
    private static final int BEGIN_ANEW = 15;

    private final World world;
    private final ReentrantLock one = new ReentrantLock();
    private final List<Account> ended = new CopyOnWriteArrayList<>();
    private final Finding finding = new Finding("S21", "an ended tenant takes no grant any more");
    private final Tally refused = finding.tally("grants that were refused to an ended tenant", 1);
    private volatile long last = System.nanoTime();

    TenantEnds(World world) {
        this.world = world;
    }

    /** Does nothing while another tenant is being ended. */
    void end(Random its) throws Exception {
        if (!one.tryLock()) {
            return;
        }
        try (Http http = new Http()) {
            Tenants.Tenant tenant = world.tenants().at(its.nextInt(Tenants.COUNT));
            boolean forced = its.nextBoolean();
            List<Account> accounts = world.accounts().of(tenant);
            shred(http, tenant, forced, accounts);
            accounts.forEach(each -> each.ended = true);
            List<Account> asked =
                    accounts.stream().filter(world.accounts()::isAskedFor).toList();
            ended.addAll(asked);
            last = System.nanoTime();
            replace(http, tenant, asked);
        } finally {
            one.unlock();
        }
    }

    /** In order, every account is revoked first, again and again until the service has no other: one may be connecting. */
    private void shred(Http http, Tenants.Tenant tenant, boolean forced, List<Account> accounts)
            throws InterruptedException {
        world.tenants().ending(tenant);
        world.events().add("ending", "tenant", tenant.name(), "forced", forced);
        RunClock patience = new RunClock(Operators.PATIENCE_S);
        Set<Account> acknowledged = new HashSet<>();
        long sent = Journal.micros();
        int status = 0;
        for (int i = 1; patience.runs(); i++) {
            if (!forced) {
                accounts.forEach(each -> each.ended = true);
                revoke(http, accounts, acknowledged);
            }
            if (i % BEGIN_ANEW == 0) {
                acknowledged.clear(); // a grant that was stored without an answer is known to nobody
                learn(http, accounts);
            }
            status = asked(http, tenant, forced);
            if (status == 200) {
                world.driver().log("ended_tenant", "tenant", tenant.name(), "sent", sent, "forced", forced);
                return;
            }
            world.events().add("unended", "tenant", tenant.name(), "status", status);
            Thread.sleep(1_000);
        }
        throw new IllegalStateException("tenant " + tenant.name() + " could not be ended in " + Operators.PATIENCE_S
                + " s, the last answer was " + status);
    }

    /** Revokes every account that was connected since the service said last that it is revoked. */
    private void revoke(Http http, List<Account> accounts, Set<Account> acknowledged) {
        for (Account each : accounts) {
            boolean isDone = each.revoked && acknowledged.contains(each) || each.credential.isEmpty();
            if (!isDone && world.driver().revoke(http, each)) {
                acknowledged.add(each);
            }
        }
    }

    /** Asks the service for credentials that nobody here knows: their connection ended after its person had stopped waiting. */
    private void learn(Http http, List<Account> accounts) {
        for (Account each : accounts) {
            if (each.credential.isEmpty()) {
                try {
                    String id = http.get(
                                    world.anyone().port(),
                                    "/api/v1/credentials?provider=" + each.provider + "&user=" + each.user,
                                    each.key)
                            .field("id");
                    if (!id.isEmpty()) {
                        world.driver().connected(each, id);
                    }
                } catch (IOException e) {
                    // its replica is away; the next round asks again
                }
            }
        }
    }

    private int asked(Http http, Tenants.Tenant tenant, boolean forced) {
        try {
            return http.post(
                            world.anyone().port(),
                            "/api/v1/tenants/" + tenant.name() + "/shred",
                            world.adminKey(),
                            forced ? "{\"force\":true}" : "")
                    .status();
        } catch (IOException e) {
            return 0; // its replica is away
        }
    }

    private void replace(Http http, Tenants.Tenant tenant, List<Account> gone) throws Exception {
        Tenants.Tenant fresh = null;
        while (fresh == null) {
            try {
                fresh = world.tenants().replace(http, tenant);
            } catch (IOException e) {
                Thread.sleep(500);
            }
        }
        for (Account each : gone) {
            Account account = world.accounts().fresh(each.provider, fresh);
            world.driver().connect(http, account);
            world.accounts().replace(each, account);
        }
    }

    /** The accounts of ended tenants, when no replica can have a key of theirs any more. */
    List<Account> awaitForgotten() throws InterruptedException {
        Thread.sleep(Math.max(0, FORGOTTEN_MS - (System.nanoTime() - last) / 1_000_000));
        return List.copyOf(ended);
    }

    /** Tries to store a grant for a user of each ended tenant. */
    Finding finding() throws IOException, InterruptedException {
        try (Http http = new Http()) {
            for (Account each : ended) {
                ProviderProcess.Tokens tokens = world.provider().grant(each.provider, each.tenant, each.user, LIFE_S);
                int status = world.driver()
                        .store(http, each, tokens, Instant.now().plusSeconds(LIFE_S))
                        .status();
                refused.addIf(status == GONE);
                if (status == 200 || status == 201) {
                    finding.violation("%s of the ended tenant %s was connected", each.user, each.tenant);
                }
            }
        }
        return finding;
    }
}
