package io.nexus.oauth.rig;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.nexus.oauth.deploy.Tool;
import io.nexus.oauth.testing.LocalPorts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * What operators live through, on three replicas of the packaged service behind HAProxy, under a steady load, watched by a Prometheus
 * with the chart's rules: a rolling restart, a provider that is out, a database that dies. Each rings the alerts that are for it and
 * no other, and no grant is lost.
 *
 * <p>The rules count in minutes and hours. Every range and every {@code for} of the very same file is divided by {@code
 * -Ddrill.shortening=} (30; not less than 3, as callers would notice so long an outage); thresholds stay as they are,
 * but for the one that tells of the machine.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DrillIT {

    private static final int SHORTENING = Integer.getInteger("drill.shortening", 30);
    private static final Path CHART = Path.of("deploy/helm/nexus-oauth/files");
    private static final int ACCOUNTS = 300;

    /** A drill lasts for most of a minute and has six callers; fewer answers would say nothing of the callers. */
    private static final long LEAST_ANSWERS = 100;

    /** How long tokens live: they are refreshed so much ahead that the outage is over before they are. */
    private static final int LIFE = Math.max(300, 9_000 / SHORTENING);

    /** Longer than any rule takes to fire, or to forget. */
    private static final Duration PATIENCE =
            Duration.ofMinutes(25).dividedBy(SHORTENING).plusSeconds(60);

    /** How slowly providers answer while replicas are restarted: requests are under way at every moment. */
    private static final int SLOW_MS = 1_500;

    private static final Pattern SELECTOR =
            Pattern.compile("\\b(?:nexus_oauth|sql_pool|process|jvm|http_server)_\\w+(?:\\{[^}]*})?");
    private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((\\w+), (\\w+)\\)");

    private final long seed = Long.getLong("rig.seed", System.nanoTime() & 0xffffff);
    private Path directory;
    private World world;
    private Balancer balancer;
    private Prometheus prometheus;
    private long mark;
    private int passed;

    @BeforeAll
    void start() throws Exception {
        Path haproxy = Tool.find("haproxy");
        Path program = Tool.find("prometheus");
        directory = Files.createTempDirectory("nexus-drill");
        System.out.printf("The drill's seed is %d, its files are in %s%n", seed, directory);
        world = new World(new World.Plan(
                Path.of(System.getProperty("nexus.package")),
                directory.resolve("run"),
                directory.resolve("bin"),
                seed,
                3,
                ACCOUNTS,
                LIFE - 20,
                LIFE,
                List.of("strict", "graceful", "steady")));
        List<Balancer.Server> servers = new ArrayList<>();
        for (Replica each : world.replicas()) {
            Balancer.Server server = new Balancer.Server(each.name(), LocalPorts.free(), LocalPorts.free());
            servers.add(server);
            // as the chart does it, with shorter times
            each.set("quarkus.http.port", Integer.toString(server.port()))
                    .set("quarkus.management.port", Integer.toString(server.management()))
                    .set("nexus.oauth.refresh.min-interval", "0s") // those who are impatient get what they ask for
                    .set("quarkus.shutdown.delay", "6s")
                    .set("quarkus.shutdown.timeout", "10s");
        }
        world.start();
        String rules = Files.readString(CHART.resolve("alerts.yaml"));
        // how fast a machine is that starts three replicas one after the other is not what is drilled
        String quick = "{path=\"warm\"}[10m]))) > ";
        assertThat(rules).contains(quick + "0.05");
        prometheus = new Prometheus(
                program,
                directory,
                servers,
                Prometheus.shorten(rules.replace(quick + "0.05", quick + "2"), SHORTENING));
        balancer = new Balancer(haproxy, directory, servers);
        balancer.awaitReady(3, Duration.ofSeconds(30));
        world.driver().through(balancer.port());
        world.driver().start(world.accounts().all(), 2, 150);
        // so that at every moment some are due, and yet none ends while a provider is out
        world.postgres().execute("UPDATE oauth_credentials SET next_refresh_at = now() + random() * interval '120 s'");
        // counters of before are no rise
        TimeUnit.SECONDS.sleep(3);
        begin();
    }

    @AfterAll
    void stop() throws Exception {
        for (AutoCloseable each : new AutoCloseable[] {balancer, prometheus, world}) {
            if (each != null) {
                each.close();
            }
        }
        if (passed == 5) {
            try (Stream<Path> files = Files.walk(directory)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
    }

    @Test
    @Order(1)
    void aRollingRestartLosesNoRequestAndRingsNothing() throws Exception {
        world.provider().set("latency", SLOW_MS);
        Impatient impatient = new Impatient(world, balancer.port());
        Thread thread = Thread.ofVirtual().start(impatient);
        for (Replica each : world.replicas()) {
            long began = System.nanoTime();
            assertThat(each.terminate(Duration.ofSeconds(75)))
                    .as("%s ends by itself", each.name())
                    .isTrue();
            long ended = System.nanoTime();
            each.start();
            balancer.awaitReady(3, Duration.ofSeconds(60));
            System.out.printf(
                    "%s: stopped in %d ms, started in %d ms%n",
                    each.name(), (ended - began) / 1_000_000, (System.nanoTime() - ended) / 1_000_000);
        }
        impatient.stop();
        thread.join();
        world.provider().set("latency", 15);

        // 429: refreshed by the schedule a moment ago
        assertThat(impatient.answers().keySet()).isSubsetOf(200, 429).contains(200);
        assertThat(balancer.retries()).as("requests that met a closed door").isZero();
        assertThat(unanswered()).isEmpty();
        assertThat(answered()).as("answered requests").isGreaterThan(LEAST_ANSWERS);
        assertThat(rang()).isEmpty();
        System.out.printf(
                "rolling restart: %d token requests and %s forced refreshes (of %d ms), none lost%n",
                answered(), impatient.answers(), SLOW_MS);
        passed++;
    }

    @Test
    @Order(2)
    void theOutageOfAProviderRingsForItAlone() throws Exception {
        begin();
        world.provider().window("unavailable", PATIENCE.toMillis(), "steady");
        long fired = await(
                "NexusOAuthProviderFailing rings",
                () -> prometheus.firing().stream().anyMatch(name -> name.startsWith("NexusOAuthProviderFailing")));
        world.provider().window("unavailable", 0, "steady");
        long ended = await("it is over", () -> prometheus.firing().isEmpty());

        assertThat(unanswered()).isEmpty();
        assertThat(answered()).as("answered requests").isGreaterThan(LEAST_ANSWERS);
        assertThat(rang()).containsExactly("NexusOAuthProviderFailing steady");
        System.out.printf(
                "outage of a provider: it rang after %d ms and ended %d ms after the outage; %d token requests, all answered%n",
                fired, ended, answered());
        passed++;
    }

    @Test
    @Order(3)
    void aDatabaseThatDiesRingsAndNothingElse() throws Exception {
        begin();
        // answers of providers arrive when there is no database any more
        world.provider().set("latency", SLOW_MS);
        Impatient impatient = new Impatient(world, balancer.port());
        Thread thread = Thread.ofVirtual().start(impatient);
        TimeUnit.MILLISECONDS.sleep(SLOW_MS);
        impatient.stop();
        world.events().add("database_away", "rep", "all");
        world.postgres().kill();
        Set<String> expected = Set.of("NexusOAuthDatabaseAway", "NexusOAuthTokensNotStored");
        long fired = await("both ring", () -> prometheus.firing().containsAll(expected));
        world.postgres().start();
        long began = System.nanoTime();
        balancer.awaitReady(3, PATIENCE);
        world.events().add("database_back");
        long back = (System.nanoTime() - began) / 1_000_000;
        world.provider().set("latency", 15);
        long ended = await("it is over", () -> prometheus.firing().isEmpty());
        thread.join();

        assertThat(rang()).containsExactlyInAnyOrderElementsOf(expected);
        System.out.printf(
                "database dead: both rang after %d ms; all replicas ready %d ms after it was back, silent %d ms later%n",
                fired, back, ended);
        passed++;
    }

    /** What the panels ask for is there; what asks for something that has not happened here has nothing to show. */
    @Test
    @Order(4)
    void everyQueryOfTheDashboardIsAnswered() throws Exception {
        assertThat(prometheus.rules().get(false)).isEmpty();
        assertThat(prometheus.rules().get(true)).isNotEmpty();
        JsonNode board =
                new ObjectMapper().readTree(CHART.resolve("dashboard.json").toFile());
        int shown = 0;
        List<String> expressions = board.findValuesAsText("expr");
        for (String expression : expressions) {
            String all = expression.replaceAll("\\$(namespace|provider)", ".*");
            if (prometheus.query(all).isEmpty()) {
                assertThat(SELECTOR.matcher(all).results().map(MatchResult::group))
                        .as(expression)
                        .anyMatch(this::isUnheardOf);
            } else {
                shown++;
            }
        }
        int variables = 0;
        for (JsonNode variable : board.at("/templating/list")) {
            Matcher asked = LABEL_VALUES.matcher(variable.path("definition").asText(""));
            if (asked.matches()) {
                assertThat(prometheus.labelValues(asked.group(1), asked.group(2)))
                        .isNotEmpty();
                variables++;
            }
        }
        assertThat(variables).as("variables of the dashboard").isPositive();
        System.out.printf("dashboard: %d queries, %d of them with data%n", expressions.size(), shown);
        assertThat(shown).isGreaterThan(expressions.size() * 3 / 4);
        passed++;
    }

    private boolean isUnheardOf(String selector) {
        try {
            return prometheus.query("count(" + selector + ")").isEmpty();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    @Order(5)
    void noGrantWasLost() throws Exception {
        world.calm(60);
        List<Finding> findings = new Checker(world, Minimums.drill(world.plan())).run();
        findings.forEach(System.out::println);
        assertThat(world.news(findings))
                .as("seed %d, files in %s", seed, directory)
                .isEmpty();
        passed++;
    }

    /** From here on alerts and answers belong to the next drill. Nobody rings who is not looked at. */
    private void begin() throws Exception {
        await(
                "Prometheus sees all replicas",
                () -> prometheus.scraped() == world.replicas().size());
        assertThat(prometheus.firing()).isEmpty();
        mark = Journal.micros();
    }

    /** The alerts that rang since the drill began. */
    private Set<String> rang() throws IOException {
        return prometheus.fired((Journal.micros() - mark) / 1_000);
    }

    /** Requests for a token since the drill began that got none, by what was said of them. */
    private Map<String, Integer> unanswered() throws IOException {
        Map<String, Integer> reasons = new TreeMap<>();
        lines().filter(line -> line.event().equals("io") || line.event().equals("fail"))
                .forEach(line -> reasons.merge(
                        line.event() + " " + line.text("status") + " " + line.text("type") + " " + line.text("code"),
                        1,
                        Integer::sum));
        return reasons;
    }

    private long answered() throws IOException {
        return lines().filter(line -> line.event().equals("ok")).count();
    }

    private Stream<Journal.Line> lines() throws IOException {
        return Journal.read(world.plan().directory().resolve("driver.log")).stream()
                .filter(line -> line.t() > mark);
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    /** Milliseconds until it holds. */
    private static long await(String what, Condition condition) throws Exception {
        long began = System.nanoTime();
        while (!condition.holds()) {
            assertThat(System.nanoTime() - began).as("not in time: " + what).isLessThan(PATIENCE.toNanos());
            TimeUnit.MILLISECONDS.sleep(250);
        }
        return (System.nanoTime() - began) / 1_000_000;
    }
}
