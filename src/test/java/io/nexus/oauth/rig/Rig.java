package io.nexus.oauth.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/**
 * Runs scenarios and prints what was found: {@code Rig [<scenario>...|points|mutations] [--seed n] [--seconds n] [--replicas n]
 * [--accounts n] [--attempts n] [--short true] [--shared true] [--verbose true] [--jar file] [--keep directory]}; with no name all scenarios. {@code points} kills at
 * each point of a refresh until {@code attempts} attempts crashed there. Ends with 1 when anything was violated, or when a mutation
 * was not found.
 */
public final class Rig {

    private final Map<String, String> options = new HashMap<>();
    private final List<String> names = new ArrayList<>();
    private final List<String> red = new ArrayList<>();
    private final Path work;
    private long seed;

    private Rig(Path work, List<String> words) {
        this.work = work;
        for (int i = 0; i < words.size(); i++) {
            if (words.get(i).startsWith("--")) {
                options.put(words.get(i).substring(2), words.get(++i));
            } else if (!words.get(i).isBlank()) {
                names.add(words.get(i));
            }
        }
    }

    /** Runs it. */
    public static void main(String[] arguments) throws Exception {
        List<String> words = Arrays.stream(arguments)
                .flatMap(each -> Arrays.stream(each.split(" ")))
                .toList();
        Rig rig = new Rig(Files.createTempDirectory("nexus-rig"), words);
        rig.run();
        if (!rig.red.isEmpty()) {
            throw new IllegalStateException("RED: " + rig.red);
        }
        System.out.println("\nall green");
    }

    private void run() throws Exception {
        if (names.isEmpty()) {
            Optional<String> missing = PatroniCluster.missing();
            missing.ifPresent(why -> System.out.println(Scenario.S22 + " is left out: " + why));
            Arrays.stream(Scenario.values())
                    .filter(each -> missing.isEmpty() || !each.wantsCluster())
                    .map(Enum::name)
                    .forEach(names::add);
        }
        if (options.containsKey("shared")) {
            shared();
            return;
        }
        for (String name : names) {
            switch (name) {
                case "mutations" -> {
                    for (Mutation mutation : Mutation.values()) {
                        mutate(mutation);
                    }
                }
                case "points" -> points();
                default -> scenario(name);
            }
        }
    }

    private void scenario(String name) throws Exception {
        boolean mutation =
                Arrays.stream(Mutation.values()).anyMatch(each -> each.name().equals(name));
        if (mutation) {
            mutate(Mutation.valueOf(name));
            return;
        }
        Scenario scenario = Scenario.valueOf(name);
        long began = System.nanoTime();
        try (World world = world(scenario)) {
            world.start();
            print(
                    name,
                    judge(
                            world,
                            scenario,
                            new Scenario.Run(seconds(), !options.containsKey("short"), new Random(seed))));
            System.out.printf("%s took %d s%n", scenario, (System.nanoTime() - began) / 1_000_000_000);
        }
    }

    /** All on one set of processes, as the build does it. */
    private void shared() throws Exception {
        try (World world = world("shared", names.toString(), 2)) {
            world.start();
            for (String name : names) {
                long began = System.nanoTime();
                Scenario scenario = Scenario.valueOf(name);
                List<Finding> findings = judge(world, scenario, new Scenario.Run(seconds(), false, new Random(seed)));
                if (options.containsKey("verbose")) {
                    findings.forEach(System.out::println);
                }
                List<String> news = world.news(findings);
                System.out.printf(
                        "%-7s %-60s %3d s  %s%n",
                        name,
                        scenario.says,
                        (System.nanoTime() - began) / 1_000_000_000,
                        news.isEmpty() ? "ok" : news.size() + " VIOLATED");
                news.stream().limit(12).forEach(each -> System.out.println("        ! " + each));
                if (!news.isEmpty()) {
                    red.add(name);
                }
            }
        }
    }

    private void points() throws Exception {
        try (World world = world("points", "crashes at each point of a refresh", 2)) {
            world.start();
            world.driver().start(world.accounts().all(), 20, 10);
            int attempts = number("attempts", 1000);
            Finding points = KillPoints.run(world, 0, attempts);
            world.calm(60);
            List<Finding> findings = new ArrayList<>(new Checker(world, Minimums.points(world.plan(), attempts)).run());
            findings.add(points);
            print("points", findings);
        }
    }

    private void mutate(Mutation mutation) throws Exception {
        try (World world = world(mutation)) {
            mutation.into(world);
            world.start();
            List<Finding> findings =
                    judge(world, mutation.scenario, new Scenario.Run(seconds(), false, new Random(seed)));
            findings.stream().filter(Finding::isViolated).forEach(System.out::println);
            String escaped = mutation.escaped(world, findings);
            System.out.println(escaped.isEmpty() ? mutation + " was found" : "ESCAPED: " + escaped);
            if (!escaped.isEmpty()) {
                red.add(mutation.name());
            }
        }
    }

    private World world(Scenario scenario) throws IOException, InterruptedException {
        return highlyAvailable(scenario, scenario.name(), scenario.says);
    }

    private World world(Mutation mutation) throws IOException, InterruptedException {
        return highlyAvailable(mutation.scenario, mutation.name(), "mutation, to be found in " + mutation.scenario);
    }

    private World highlyAvailable(Scenario scenario, String name, String says)
            throws IOException, InterruptedException {
        if (!scenario.wantsCluster()) {
            return world(name, says, scenario.replicas());
        }
        options.put("binaries", PatroniCluster.binaries().toString());
        return world(name, says, scenario.replicas()).highlyAvailable();
    }

    private World world(String name, String says, int replicas) throws IOException, InterruptedException {
        seed = Long.parseLong(options.getOrDefault("seed", Long.toString(System.nanoTime() & 0xffffff)));
        Path directory = Path.of(options.getOrDefault("keep", work.toString()))
                .resolve(name.toLowerCase(Locale.ROOT) + "-" + System.currentTimeMillis() % 1_000_000);
        World.Plan plan = new World.Plan(
                Path.of(options.getOrDefault("jar", "target/quarkus-app/quarkus-run.jar"))
                        .toAbsolutePath(),
                directory,
                Path.of(options.getOrDefault("binaries", work.resolve("bin").toString())),
                seed,
                number("replicas", replicas),
                number("accounts", 200),
                number("least", 12),
                number("most", 30),
                List.of());
        System.out.printf(
                "%n%s  %s   seed %d, %d s, %d replicas, %d accounts, in %s%n",
                name, says, seed, seconds(), plan.replicas(), plan.accounts(), directory);
        return new World(plan);
    }

    private int seconds() {
        return number("seconds", 60);
    }

    private int number(String name, int otherwise) {
        return Integer.parseInt(options.getOrDefault(name, Integer.toString(otherwise)));
    }

    static List<Finding> judge(World world, Scenario scenario, Scenario.Run run) throws Exception {
        List<Finding> own = scenario.run(world, run);
        Minimums minimums = Minimums.of(scenario, run, world.plan());
        List<Finding> findings = new ArrayList<>(new Checker(world, minimums).run());
        findings.addAll(own);
        return findings;
    }

    private void print(String name, List<Finding> findings) {
        findings.forEach(System.out::println);
        if (findings.stream().anyMatch(Finding::isViolated)) {
            red.add(name);
        }
    }
}
