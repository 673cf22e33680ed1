package io.nexus.oauth.rig;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The accounts that callers ask for. Callers read the list while an account takes the place of another; it never gets shorter then. */
final class Accounts {

    /** Which share of the accounts is at which provider, in twentieths. */
    private static final List<String> MIX = List.of(
            "strict",
            "strict",
            "strict",
            "strict",
            "strict",
            "strict",
            "strict",
            "strict",
            "strict",
            "graceful",
            "graceful",
            "graceful",
            "graceful",
            "graceful",
            "latest",
            "latest",
            "steady",
            RigClients.MACHINE,
            "killing",
            "killing");

    private static final int AT_ONCE = 16;
    private static final int PATIENCE_S = 120;

    private final World world;
    private final List<Account> all = new CopyOnWriteArrayList<>();
    /** The forgotten ones, too: the service still has their credentials. */
    private final Queue<Account> ever = new ConcurrentLinkedQueue<>();

    private final AtomicInteger numbers = new AtomicInteger();

    Accounts(World world) {
        this.world = world;
    }

    /** Connects the accounts that a world begins with. */
    void begin() throws Exception {
        World.Plan plan = world.plan();
        connect(plan.accounts(), plan.mix().isEmpty() ? MIX : plan.mix());
    }

    /** The accounts as they are at each moment. */
    List<Account> all() {
        return all;
    }

    int size() {
        return all.size();
    }

    Account get(int index) {
        return all.get(index);
    }

    /** Every account that {@code tenant} ever had, also those that nobody asks for. */
    List<Account> of(Tenants.Tenant tenant) {
        return ever.stream().filter(each -> each.tenant.equals(tenant.name())).toList();
    }

    /** Connects {@code count} more accounts, at these providers in turns. */
    List<Account> connect(int count, List<String> providers) throws Exception {
        List<Account> added = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            added.add(fresh(providers.get(i % providers.size()), world.tenants().at(i)));
        }
        all.addAll(added);
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<?>> connecting = new ArrayList<>();
            for (Account account : added) {
                connecting.add(threads.submit(() -> {
                    try (Http http = new Http()) {
                        world.driver().connect(http, account);
                    }
                    return null;
                }));
            }
            for (Future<?> one : connecting) {
                one.get(PATIENCE_S, TimeUnit.SECONDS);
            }
        }
        return added;
    }

    /** An account of a new user, not connected and not in the list yet. */
    Account fresh(String provider, Tenants.Tenant tenant) {
        Account account = new Account(provider, tenant.name(), "u" + numbers.getAndIncrement(), tenant.key());
        ever.add(account);
        return account;
    }

    /** Whether callers ask for {@code account}. */
    boolean isAskedFor(Account account) {
        return all.contains(account);
    }

    /** From now on callers ask for {@code fresh} instead of {@code old}. */
    synchronized void replace(Account old, Account fresh) {
        all.set(all.indexOf(old), fresh);
    }

    /** A new account whose access token has ended; nobody asks for it. */
    Account expired(String provider) throws Exception {
        Account account = connect(1, List.of(provider)).getFirst();
        world.postgres()
                .execute("UPDATE oauth_credentials SET expires_at = clock_timestamp() - interval '1 second'"
                        + " WHERE credential_id = '" + account.credential + "'");
        all.remove(account);
        return account;
    }

    /** Nobody asks for these any more, and the service has them no longer to refresh. No caller may be under way. */
    void forget(List<Account> gone) throws SQLException {
        all.removeAll(gone);
        for (Account account : gone) {
            world.postgres()
                    .execute("UPDATE oauth_credentials SET next_refresh_at = NULL WHERE credential_id = '"
                            + account.credential + "'");
        }
    }
}
