package io.nexus.oauth.rig;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Callers who do not want to wait for the schedule: each refresh takes as long as the provider, whatever is restarted. */
final class Impatient implements Runnable {

    private final World world;
    private final int port;
    private final Map<Integer, Integer> answers = new ConcurrentHashMap<>();
    private volatile boolean stopped;

    /** They ask at {@code port}. */
    Impatient(World world, int port) {
        this.world = world;
        this.port = port;
    }

    /** How many answers there were of each status; 0 stands for none. */
    Map<Integer, Integer> answers() {
        return answers;
    }

    /** No further requests; those under way go on. */
    void stop() {
        stopped = true;
    }

    @Override
    public void run() {
        List<Thread> asking = new ArrayList<>();
        try {
            for (int i = 0; !stopped; i++) {
                Account account = world.accounts().get(i * 7 % world.accounts().size());
                asking.add(Thread.ofVirtual().start(() -> refresh(account)));
                TimeUnit.MILLISECONDS.sleep(200);
            }
            for (Thread each : asking) {
                each.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void refresh(Account account) {
        try (Http http = new Http()) {
            Http.Answer answer =
                    http.post(port, "/api/v1/credentials/" + account.credential + "/refresh", account.key, "");
            answers.merge(answer.status(), 1, Integer::sum);
        } catch (IOException e) {
            answers.merge(0, 1, Integer::sum);
        }
    }
}
