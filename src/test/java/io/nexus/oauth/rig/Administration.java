package io.nexus.oauth.rig;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/** Acts of people and operators while refreshes are under way, without any fault: S14 and S15. */
final class Administration {

    private Administration() {}

    /** Revokes and connects again. */
    static List<Finding> revocations(World world, Scenario.Run run) throws Exception {
        Finding finding = new Finding("S14", "accounts are revoked and connected again");
        Tally revoked = finding.tally("revocations", 5);
        Tally replaced = finding.tally("living grants that a new one replaced", 1);
        RunClock clock = run.clock();
        List<Account> accounts = world.accounts().all();
        List<Thread> storm = new ArrayList<>();
        for (int part = 0; part < 4; part++) {
            int offset = part;
            storm.add(Thread.ofVirtual().start(() -> {
                try (Http http = new Http()) {
                    for (int i = offset; clock.runs(); i = (i + 4) % accounts.size()) {
                        Account account = accounts.get(i);
                        if (!account.ended && account.reconnecting.compareAndSet(false, true)) {
                            try {
                                (revoked(world, http, account) ? revoked : replaced).add();
                            } finally {
                                account.reconnecting.set(false);
                            }
                        }
                        clock.sleep(100);
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
        }
        for (Thread one : storm) {
            one.join();
        }
        return List.of(finding);
    }

    /** Revokes and connects again, or connects over a living grant; true when it revoked. */
    private static boolean revoked(World world, Http http, Account account) throws InterruptedException {
        boolean revokes = ThreadLocalRandom.current().nextInt(4) > 0;
        if (revokes) {
            while (!world.driver().revoke(http, account)) {
                Thread.sleep(200);
            }
            Thread.sleep(ThreadLocalRandom.current().nextInt(3_000));
        }
        world.driver().connect(http, account);
        return revokes;
    }

    /** A new key becomes the first, the old one stays; the replicas are restarted for each step. */
    static List<Finding> rotateKeys(World world, Scenario.Run run) throws Exception {
        String fresh = World.key();
        // first everybody must be able to open what the new key seals
        world.keys().addLast(fresh);
        world.restart();
        world.keys().addFirst(fresh);
        world.restart();
        TimeUnit.SECONDS.sleep(run.seconds());
        Finding finding = new Finding("S15", "tokens are sealed under the new key, and those under an old one open");
        Tally anew = finding.tally("tokens under the new key", 5);
        Tally old = finding.tally("tokens under an old key", 1);
        world.postgres()
                .rows("SELECT split_part(encrypted_refresh_token, '.', 1), count(*)"
                        + " FROM oauth_credentials WHERE encrypted_refresh_token IS NOT NULL GROUP BY 1")
                .forEach(row -> (row[0].equals(MasterKeyFile.id(fresh)) ? anew : old).add(Long.parseLong(row[1])));
        return List.of(finding);
    }
}
