package io.nexus.oauth.rig;

import io.nexus.oauth.testing.Signals;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The packaged service as a process: started, stopped, killed and paused by its pid. Its home outlives the process. */
final class Replica implements AutoCloseable {

    private static final Pattern LISTENING = Pattern.compile(
            "Listening on: http://127\\.0\\.0\\.1:(\\d+)\\. Management interface listening on http://127\\.0\\.0\\.1:(\\d+)");
    /** A replica with rules starts interpreted, and other builds may have the machine. */
    private static final Duration PATIENCE = Duration.ofSeconds(240);

    private final String name;
    private final Path home;
    private final Path jar;
    private final Map<String, String> settings;
    private final Map<String, String> environment = new HashMap<>();
    private final List<Rule> rules = new ArrayList<>();
    private final Map<String, String> park = new HashMap<>();
    private final Journal events;
    private volatile Process process;
    private volatile int port;
    private volatile int managementPort;
    private int starts;

    Replica(String name, Path home, Path jar, Map<String, String> settings, Journal events) throws IOException {
        this.name = name;
        this.home = Files.createDirectories(home);
        this.jar = jar;
        this.settings = new HashMap<>(settings);
        this.events = events;
        this.settings.put(
                "nexus.oauth.journal.directory", home.resolve("journal").toString());
    }

    String name() {
        return name;
    }

    Path home() {
        return home;
    }

    int port() {
        return port;
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    Process process() {
        return process;
    }

    Replica set(String key, String value) {
        settings.put(key, value);
        return this;
    }

    Map<String, String> settings() {
        return Map.copyOf(settings);
    }

    void environmentClear() {
        environment.clear();
    }

    List<Rule> rules() {
        return List.copyOf(rules);
    }

    Replica environment(String key, String value) {
        environment.put(key, value);
        return this;
    }

    /** From the next start on. */
    Replica rules(List<Rule> next, int count, int ms) {
        rules.clear();
        rules.addAll(next);
        park.put("rig.park.count", Integer.toString(count));
        park.put("rig.park.ms", Integer.toString(ms));
        return this;
    }

    /** The file in which parked attempts and reached rules are written down. */
    Path parked() {
        return home.resolve("parked.log");
    }

    Path log() {
        return home.resolve("service-" + starts + ".log");
    }

    /** Begins a start; {@link #awaitStart} waits for it. */
    synchronized Replica begin() throws IOException {
        starts++;
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:ActiveProcessorCount=1",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-Dnexus.oauth.home=" + home.resolve("home"),
                "-Dquarkus.http.port=0",
                "-Dquarkus.management.port=0",
                "-Drig.park.file=" + parked()));
        settings.forEach((key, value) -> command.add("-D" + key + "=" + value));
        park.forEach((key, value) -> command.add("-D" + key + "=" + value));
        if (!rules.isEmpty()) {
            command.addAll(Rule.options(rules, home));
        }
        command.addAll(List.of("-jar", jar.toString()));
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log().toFile());
        builder.environment().putAll(environment);
        process = Signals.start(builder);
        events.add("start", "rep", name, "pid", process.pid());
        return this;
    }

    Replica awaitStart() throws IOException, InterruptedException {
        Process starting = process;
        Signals.await(name + " starts", PATIENCE, () -> {
            if (!starting.isAlive()) {
                throw new IllegalStateException(name + " ended at its start: see " + log());
            }
            return listening();
        });
        events.add("ready", "rep", name);
        return this;
    }

    Replica start() throws IOException, InterruptedException {
        return begin().awaitStart();
    }

    private boolean listening() {
        try {
            Matcher found = LISTENING.matcher(Files.readString(log()));
            if (!found.find()) {
                return false;
            }
            port = Integer.parseInt(found.group(1));
            managementPort = Integer.parseInt(found.group(2));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    void kill() throws InterruptedException {
        events.add("kill", "rep", name);
        process.destroyForcibly().waitFor();
        events.add("killed", "rep", name);
    }

    /** SIGTERM, and no wait for what comes of it. */
    void tellToEnd() {
        events.add("term", "rep", name);
        process.destroy();
    }

    /** SIGTERM; true when it ended by itself in time. */
    boolean terminate(Duration patience) throws InterruptedException {
        tellToEnd();
        boolean ended = process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        events.add("ended", "rep", name, "in_time", ended);
        if (!ended) {
            process.destroyForcibly().waitFor();
        }
        return ended;
    }

    /** Waits until it has halted at its kill point; false when it did not. */
    boolean awaitEnd(Duration patience) throws InterruptedException {
        boolean ended = process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        if (ended) {
            events.add("kill", "rep", name, "at", "point");
        }
        return ended;
    }

    void pause() throws IOException, InterruptedException {
        events.add("pause", "rep", name);
        Signals.send("STOP", List.of(process.toHandle()));
    }

    void resume() throws IOException, InterruptedException {
        Signals.send("CONT", List.of(process.toHandle()));
        events.add("resume", "rep", name);
    }

    /** The sum of a metric over its labels; empty when the replica has no such metric. */
    OptionalDouble metric(String metric) throws IOException {
        double[] values = metrics()
                .lines()
                .filter(line -> line.startsWith(metric + "{") || line.startsWith(metric + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .toArray();
        return values.length == 0
                ? OptionalDouble.empty()
                : OptionalDouble.of(Arrays.stream(values).sum());
    }

    String metrics() throws IOException {
        return management("/q/metrics").body();
    }

    Http.Answer management(String path) throws IOException {
        try (Http http = new Http()) {
            return http.get(managementPort, path, "");
        }
    }

    /** Its log since the start of the process. */
    String said() throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(log().toFile(), "r")) {
            byte[] bytes = new byte[(int) file.length()];
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    @Override
    public void close() {
        if (process != null && process.isAlive()) {
            process.destroyForcibly();
            process.onExit().join();
        }
    }
}
