package io.nexus.oauth.rig;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The callers. Each asks one replica for tokens of accounts at random, one request after the other, and writes down every answer;
 * when a replica is gone it asks another one at once. An account whose grant is over is connected again, as its user would do.
 */
final class Driver implements AutoCloseable {

    private static final long FOREVER_SECONDS = 3600;

    private final World world;
    private final Journal log;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Set<Thread> callers = ConcurrentHashMap.newKeySet();
    private final AtomicInteger answers = new AtomicInteger();
    private final AtomicReference<@Nullable Throwable> broken = new AtomicReference<>();
    private volatile boolean stopped = true;
    private volatile boolean closed;
    private volatile String extra = "";
    private volatile int entrance;

    Driver(World world, Path log) {
        this.world = world;
        this.log = new Journal(log);
    }

    /** Answers with a token so far. */
    int answers() {
        return answers.get();
    }

    /** From now on everything is asked at this port, behind which are all replicas. */
    void through(int port) {
        entrance = port;
    }

    /** Sets {@code callers} going at each replica, {@code pauseMs} between two requests of one caller. */
    void start(List<Account> accounts, int callersEach, int pauseMs) {
        start(accounts, callersEach, pauseMs, "");
    }

    /** The same with a {@code query} added to each request. */
    void start(List<Account> accounts, int callersEach, int pauseMs, String query) {
        extra = query;
        stopped = false;
        for (Replica replica : world.replicas()) {
            for (int i = 0; i < callersEach; i++) {
                threads.execute(() -> call(replica, accounts, pauseMs));
            }
        }
    }

    private void call(Replica mine, List<Account> accounts, int pauseMs) {
        callers.add(Thread.currentThread());
        ThreadLocalRandom random = ThreadLocalRandom.current();
        try (Http http = new Http();
                Http other = new Http()) {
            while (!stopped) {
                Account account = accounts.get(random.nextInt(accounts.size()));
                if (!ask(http, mine, account)) {
                    ask(other, world.anotherThan(mine), account);
                    other.close(); // until the next time, the replica may close it as idle
                    Thread.sleep(100);
                }
                Thread.sleep(pauseMs == 0 ? 0 : random.nextInt(pauseMs, 2 * pauseMs));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            broken.set(e); // a thread that ends of itself is noticed by nobody else
        } finally {
            callers.remove(Thread.currentThread());
        }
    }

    /** False when there was no answer at all. */
    boolean ask(Http http, Replica replica, Account account) {
        return ask(http, replica, account, 5) != 0;
    }

    /** The status of the answer, 0 when there was none. */
    int ask(Http http, Replica replica, Account account, int maxWait) {
        String grant = account.grant;
        long sent = Journal.micros();
        try {
            Http.Answer answer = http.get(
                    entrance > 0 ? entrance : replica.port(),
                    "/api/v1/token?provider=" + account.provider + "&user=" + account.user + "&max_wait=" + maxWait
                            + extra,
                    account.key);
            judge(replica, account, grant, sent, answer);
            return answer.status();
        } catch (IOException e) {
            boolean through = entrance > 0;
            log.add("io", "rep", replica.name(), "c", account.credential, "sent", sent, "through", through);
            return 0;
        }
    }

    private void judge(Replica replica, Account account, String grant, long sent, Http.Answer answer) {
        if (answer.status() != 200) {
            log.add(
                    "fail",
                    "rep",
                    replica.name(),
                    "c",
                    account.credential,
                    "g",
                    grant,
                    "sent",
                    sent,
                    "status",
                    answer.status(),
                    "type",
                    answer.field("type").replaceFirst(".*:", ""),
                    "code",
                    answer.field("code"));
            if (answer.status() == 409 && !account.revoked) {
                reconnectLater(account);
            }
            return;
        }
        answers.incrementAndGet();
        String[] token = answer.field("access_token").split("~");
        boolean mine = token.length == 6
                && token[0].equals("at")
                && token[1].equals(account.tenant)
                && token[2].equals(account.user)
                && answer.field("provider").equals(account.provider);
        log.add(
                "ok",
                "rep",
                replica.name(),
                "c",
                account.credential,
                "p",
                account.provider,
                "sent",
                sent,
                "mine",
                mine,
                "g",
                mine ? token[3] : "?",
                "a",
                mine ? token[4] : "0",
                "state",
                answer.field("refresh_state"),
                "v",
                answer.field("version"));
        String left = answer.field("expires_in");
        if (!account.revoked && (left.isEmpty() || left.equals("null") || Long.parseLong(left) > FOREVER_SECONDS)) {
            reconnectLater(account); // a token without an end would never be refreshed again
        }
    }

    private void reconnectLater(Account account) {
        if (!account.ended && account.reconnecting.compareAndSet(false, true)) {
            threads.execute(() -> {
                try (Http http = new Http()) {
                    connect(http, account);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                } finally {
                    account.reconnecting.set(false);
                }
            });
        }
    }

    /** Gets a new grant for {@code account} and stores it, until that worked, its tenant was ended or the run is over. */
    void connect(Http http, Account account) throws InterruptedException {
        while (!closed && !account.ended && !connected(http, account)) {
            Thread.sleep(300);
        }
    }

    private boolean connected(Http http, Account account) throws InterruptedException {
        try {
            int life = ThreadLocalRandom.current().nextInt(world.leastLife(), world.mostLife());
            // what is sent again after a database was away must not live longer for that
            Instant ends = Instant.now().plusSeconds(life);
            ProviderProcess.Tokens tokens =
                    world.provider().grant(account.provider, account.tenant, account.user, life);
            log.add("connecting", "c", account.credential, "before", account.grant, "g", tokens.grant());
            Http.Answer answer = store(http, account, tokens, ends);
            if (answer.status() == 200 || answer.status() == 201) {
                account.credential =
                        answer.field("credential_id").isEmpty() ? answer.field("id") : answer.field("credential_id");
                account.grant = tokens.grant();
                account.revoked = false;
                log.add(
                        "connected",
                        "c",
                        account.credential,
                        "g",
                        tokens.grant(),
                        "p",
                        account.provider,
                        "user",
                        account.user);
                return true;
            }
            account.ended |= answer.status() == 410;
            log.add("unconnected", "c", account.credential, "status", answer.status(), "body", answer.body());
        } catch (IOException e) {
            log.add("unconnected", "c", account.credential, "status", 0);
        }
        return false;
    }

    /** Stores a grant for {@code account}, whatever comes of it. */
    Http.Answer store(Http http, Account account, ProviderProcess.Tokens tokens, Instant ends) throws IOException {
        return http.post(
                world.anyone().port(),
                "/api/v1/credentials",
                account.key,
                "{\"provider\":\"" + account.provider + "\",\"user\":\"" + account.user + "\","
                        + (account.provider.equals(RigClients.MACHINE)
                                ? "\"grant_type\":\"client_credentials\",\"audience\":\"" + tokens.grant() + "\"}"
                                : "\"access_token\":\"" + tokens.access() + "\",\"refresh_token\":\"" + tokens.refresh()
                                        + "\",\"expires_at\":\"" + ends + "\"}"));
    }

    /** Revokes the account's credential; true when the answer says so. */
    boolean revoke(Http http, Account account) {
        long sent = Journal.micros();
        account.revoked = true;
        try {
            Http.Answer answer = http.post(
                    world.anyone().port(), "/api/v1/credentials/" + account.credential + "/revoke", account.key, "");
            log.add(
                    answer.status() == 200 ? "revoked" : "unrevoked",
                    "c",
                    account.credential,
                    "g",
                    account.grant,
                    "sent",
                    sent,
                    "status",
                    answer.status(),
                    "there",
                    answer.field("at_provider"));
            return answer.status() == 200;
        } catch (IOException e) {
            log.add("unrevoked", "c", account.credential, "g", account.grant, "sent", sent, "status", 0);
            return false;
        }
    }

    /** Learns that a person connected the account: its first grant is stored as {@code credential}. */
    void connected(Account account, String credential) {
        account.credential = credential;
        account.grant = account.user + "-1";
        log.add("connected", "c", credential, "g", account.grant, "p", account.provider, "user", account.user);
    }

    /** Writes down what somebody else did to accounts. */
    void log(String event, Object... words) {
        log.add(event, words);
    }

    /** Stops the callers and waits for the answers that are under way. Fails when a caller had stopped by itself. */
    void stop() throws InterruptedException {
        stopped = true;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!callers.isEmpty() && System.nanoTime() < deadline) {
            Thread.sleep(20);
        }
        new ArrayList<>(callers).forEach(Thread::interrupt);
        Throwable why = broken.getAndSet(null);
        if (why != null) {
            throw new IllegalStateException("a caller broke", why);
        }
    }

    @Override
    public void close() throws IOException {
        stopped = true;
        closed = true;
        threads.shutdownNow();
        log.close();
    }
}
