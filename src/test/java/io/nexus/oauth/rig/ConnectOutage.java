package io.nexus.oauth.rig;

import io.nexus.oauth.testing.TcpFaultProxy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * S24: browsers come back with authorization codes, and the database is away when the provider has traded them. In the long form a
 * replica dies with the tokens that it could not store; its sessions end all the same.
 */
final class ConnectOutage {

    /** How many people connect an account at once. */
    static final int BROWSERS = 24;

    /** The service answers a browser after twenty seconds. */
    private static final int LONGER_THAN_A_BROWSER_WAITS_S = 21;

    private static final int BRIEF_S = 6;
    private static final int HELD_MS = 5_000;
    private static final int STORED_S = 30;
    private static final int STORING_S = 10;
    private static final int DEAD_S = 5;

    /** After its death a database gets no refresh token for a while, lest it has forgotten newer ones. */
    private static final int SETTLED_S = 40;

    /** The job that ends interrupted sessions runs a minute after the start of a replica. */
    private static final int INTERRUPTED_S = 90;

    /** The service waits long for these: on a busy machine an answer is kept back for seconds. */
    private static final List<String> PROVIDERS = List.of("strict", "killing");

    /** One person on the way. */
    private static final class Visit {
        final Account account;
        final Replica replica;
        final RigBrowser browser = new RigBrowser();
        String session = "";
        volatile RigBrowser.Page page = new RigBrowser.Page(0, "");

        Visit(Account account, Replica replica) {
            this.account = account;
            this.replica = replica;
        }
    }

    private final World world;
    private final Scenario.Run run;
    private final boolean isLong;
    private final Finding finding = new Finding("S24", "codes are traded while the database is away");
    private final Tally traded = finding.tally("browsers whose code was traded before the outage", BROWSERS / 2);
    private final Tally connected = finding.tally("accounts that are connected afterwards", BROWSERS / 2);
    private final Tally asked;
    private final Tally interrupted;

    private ConnectOutage(World world, Scenario.Run run, boolean isLong) {
        this.world = world;
        this.run = run;
        this.isLong = isLong;
        String pages = "pages that say that the service goes on with it";
        asked = finding.tally(isLong ? Tally.of(pages, BROWSERS / 2) : Tally.notPart(pages));
        String ended = "sessions that ended with their replica";
        interrupted = finding.tally(run.full() && isLong ? Tally.of(ended, 1) : Tally.notPart(ended));
    }

    /** Outages that are longer than a browser waits. */
    static List<Finding> run(World world, Scenario.Run run) throws Exception {
        ConnectOutage outage = new ConnectOutage(world, run, true);
        RunClock clock = run.clock();
        int round = 0;
        do {
            boolean replicaDies = run.full() && round == 0;
            int seconds = run.full() && !replicaDies
                    ? run.random().nextInt(LONGER_THAN_A_BROWSER_WAITS_S, 44)
                    : LONGER_THAN_A_BROWSER_WAITS_S;
            outage.round(seconds, round % 2 == 0, replicaDies);
            round++;
        } while (run.full() && (clock.runs() || round < 2));
        return List.of(outage.finding);
    }

    /** One outage that is over before a browser gives up. */
    static List<Finding> brief(World world, Scenario.Run run) throws Exception {
        ConnectOutage outage = new ConnectOutage(world, run, false);
        outage.round(BRIEF_S, run.random().nextBoolean(), false);
        return List.of(outage.finding);
    }

    private void round(int seconds, boolean kills, boolean replicaDies) throws Exception {
        List<Visit> visits = visits();
        List<Thread> browsers = new ArrayList<>();
        for (Visit each : visits) {
            browsers.add(open(each));
        }
        List<Visit> held = new ArrayList<>();
        for (Visit each : visits) {
            if (world.provider().awaitHeld(each.account.user, HELD_MS)) {
                held.add(each);
            }
        }
        traded.add(held.size());
        away(kills);
        for (Visit each : visits) {
            world.provider().release(each.account.user);
        }
        if (replicaDies) {
            // not for long: what lies in its journal must be stored before others take its refreshes for lost
            TimeUnit.SECONDS.sleep(seconds - DEAD_S);
            world.replica(0).kill();
        }
        TimeUnit.SECONDS.sleep(replicaDies ? DEAD_S : seconds);
        back(kills);
        if (replicaDies) {
            world.replica(0).start();
        }
        for (Thread each : browsers) {
            each.join();
        }
        if (replicaDies) {
            endInterrupted();
        }
        RunClock ending = new RunClock(STORED_S);
        RunClock settling = new RunClock(SETTLED_S);
        // on a busy machine some were late; whoever ends their tenant has to know their credentials
        for (Visit each : visits) {
            if (!held.contains(each) && !each.session.isEmpty()) {
                Http.Answer session = ended(each, ending);
                if (session.field("status").equals("connected")) {
                    world.driver().connected(each.account, session.field("credential_id"));
                }
            }
        }
        for (Visit each : held) {
            judge(each, replicaDies && each.replica == world.replica(0), ending, settling);
        }
        world.accounts()
                .forget(visits.stream()
                        .map(each -> each.account)
                        .filter(each -> !each.credential.isEmpty())
                        .toList());
    }

    private List<Visit> visits() {
        List<Visit> visits = new ArrayList<>();
        for (int i = 0; i < BROWSERS; i++) {
            Account account = world.accounts()
                    .fresh(PROVIDERS.get(i % PROVIDERS.size()), world.tenants().at(i));
            visits.add(new Visit(account, world.replica(i)));
        }
        return visits;
    }

    /** Leads the person to the callback, in a thread of its own, which waits for the answer. */
    private Thread open(Visit visit) throws IOException, InterruptedException {
        world.provider().hold(visit.account.user);
        return Thread.ofVirtual().start(() -> {
            try (Http http = new Http()) {
                Account account = visit.account;
                Http.Answer answer = http.post(
                        visit.replica.port(),
                        "/api/v1/connect-sessions",
                        account.key,
                        "{\"provider\":\"" + account.provider + "\",\"user\":\"" + account.user + "\"}");
                if (answer.status() != 201) {
                    return; // its tenant was ended
                }
                visit.session = answer.field("id");
                String callback = visit.browser.consent(visit.replica.port(), answer.field("url"), account);
                visit.page = visit.browser.get(visit.replica.port(), callback);
            } catch (IOException e) {
                world.events().add("unvisited", "user", visit.account.user, "why", e.getMessage());
            }
        });
    }

    private void away(boolean kills) throws IOException, InterruptedException {
        world.events().add("database_away", "rep", "all");
        if (kills) {
            world.postgres().kill();
        } else {
            for (int i = 0; i < world.replicas().size(); i++) {
                world.databaseProxy(i).mode(TcpFaultProxy.Mode.PARTITION);
            }
        }
    }

    private void back(boolean kills) throws IOException, InterruptedException {
        if (kills) {
            world.postgres().start();
        } else {
            for (int i = 0; i < world.replicas().size(); i++) {
                world.databaseProxy(i).mode(TcpFaultProxy.Mode.PASS);
            }
        }
        world.events().add("database_back");
    }

    /** The sessions of the dead replica are over when they are old enough; they are made so here. */
    private void endInterrupted() throws Exception {
        TimeUnit.SECONDS.sleep(STORING_S); // those of the other replicas are stored by then
        world.postgres()
                .execute("UPDATE connect_sessions SET state_expires_at = clock_timestamp() - interval '1 hour'"
                        + " WHERE status = 'exchanging'");
        RunClock patience = new RunClock(INTERRUPTED_S);
        while (patience.runs()
                && !world.postgres()
                        .value("SELECT count(*) FROM connect_sessions WHERE status = 'exchanging'")
                        .equals("0")) {
            patience.sleep(500);
        }
    }

    private void judge(Visit visit, boolean mayBeLost, RunClock ending, RunClock settling)
            throws IOException, InterruptedException {
        Http.Answer session = ended(visit, ending);
        if (session.field("status").equals("connected")) {
            world.driver().connected(visit.account, session.field("credential_id"));
        }
        if (world.tenants().isEnding(visit.account.tenant)) {
            return; // nobody can be connected there
        }
        int status = visit.page.status();
        asked.addIf(status == 202 && visit.page.text().contains("not finished yet"));
        if (status != 202 && status != 303 && !mayBeLost) {
            finding.violation("%s: the browser saw %d", visit.account.user, status);
        }
        Replica replica = world.anyone();
        String result = visit.browser
                .get(replica.port(), "/connect/result/" + visit.session)
                .text();
        switch (session.field("status")) {
            case "connected" -> {
                works(visit.account, settling);
                if (!result.contains("is connected")) {
                    finding.violation("%s is connected, and the page does not say so", visit.account.user);
                }
            }
            case "failed" -> {
                interrupted.addIf(session.field("error").equals("interrupted"));
                finding.note("%s: its session failed: %s", visit.account.user, session.field("error"));
                if (!mayBeLost || !result.contains("is not connected")) {
                    finding.violation("%s: its session failed: %s", visit.account.user, session.field("error"));
                }
            }
            default -> finding.violation("%s: its session is %s", visit.account.user, session.field("status"));
        }
    }

    /** The session as soon as it has ended. */
    private Http.Answer ended(Visit visit, RunClock patience) throws InterruptedException {
        Http.Answer answer = new Http.Answer(0, "");
        do {
            try (Http http = new Http()) {
                answer =
                        http.get(world.anyone().port(), "/api/v1/connect-sessions/" + visit.session, visit.account.key);
            } catch (IOException e) {
                world.events().add("unasked", "session", visit.session);
            }
            if (answer.status() == 200 && !answer.field("status").equals("exchanging")) {
                return answer;
            }
            patience.sleep(250);
        } while (patience.runs());
        return answer;
    }

    /** What every caller sees from then on: a token of the grant that began with the code. */
    private void works(Account account, RunClock patience) throws InterruptedException {
        int status;
        try (Http http = new Http()) {
            do {
                status = world.driver().ask(http, world.anyone(), account, 5);
                patience.sleep(status == 200 ? 0 : 500);
            } while (status != 200 && patience.runs());
        }
        connected.addIf(status == 200);
        if (status != 200 && isLong) { // among other faults its refresh may fail
            finding.violation("%s is connected, and its token cannot be had: %d", account.user, status);
        }
    }
}
