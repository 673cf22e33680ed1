package io.nexus.oauth.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The logs of a run's processes, sorted by subject. All times are microseconds of the wall clock. */
final class Evidence {

    /** The driver may log a commit so long after the database was killed; the database is not back before. */
    private static final long KILLING = 200_000;

    /** How long before its arrival a late request was cut from its client. */
    private static final long LATE = 6_000_000;

    /** One refresh request of a grant: what came, what it did and how its answer fared. */
    static final class Call {
        Journal.Line request;
        Journal.Line spend;
        Journal.Line end;
        /** Whether the dice of the provider were on from its arrival until its token was spent. */
        boolean diced;

        private int setting;

        String verdict() {
            return spend == null ? "" : spend.text("verdict");
        }

        boolean rotates() {
            return verdict().equals("rotated") || verdict().equals("latest");
        }

        boolean granted() {
            return rotates() || verdict().equals("kept") || verdict().equals("successor");
        }

        boolean delivered() {
            return end != null && end.is("result", "delivered");
        }
    }

    /** One grant as the provider saw it. */
    static final class Grant {
        final String id;
        final String provider;
        final String tenant;
        final TreeMap<Integer, Call> calls = new TreeMap<>();
        final Map<Integer, Journal.Line> access = new HashMap<>();
        int generation = 1;
        long deadAt = Long.MAX_VALUE;
        boolean revoked;
        /** The revocations at the provider that a token survived because its answer was on its way. */
        final List<Journal.Line> survived = new ArrayList<>();
        /** The exchange of the code that began it, and its end; null when it was not begun by one. */
        Journal.@Nullable Line trade;

        Journal.@Nullable Line traded;

        Grant(Journal.Line line) {
            this.id = line.text("g");
            this.provider = line.text("p");
            this.tenant = line.text("tenant");
        }

        /** Whether it lives at {@code t}. */
        boolean lives(long t) {
            return t < deadAt;
        }

        /** Whether it lives when all is over. */
        boolean lives() {
            return lives(Long.MAX_VALUE - 1);
        }
    }

    final Map<String, Grant> grants = new HashMap<>();
    final Map<String, String> credentialOfGrant = new HashMap<>();
    /** Grants that came after a copy, and since when the database is restored from it: it has the ones before them. */
    private final Map<String, Long> forgotten = new HashMap<>();

    final List<Journal.Line> driver;
    final List<Journal.Line> events;
    final List<Journal.Line> samples;
    final List<Journal.Line> reused = new ArrayList<>();
    /** Requests with a token that the provider did not issue there. */
    final List<Journal.Line> strangers = new ArrayList<>();
    /** Authorization codes that were not good, because they had been presented before. */
    final List<Journal.Line> codesAgain = new ArrayList<>();

    final Troubles troubles;
    final Revocations revocations;
    private final List<Journal.Line> parked = new ArrayList<>();
    private final Map<Long, List<Journal.Line>> cuts = new HashMap<>();
    private boolean dice;
    private int settings;

    Evidence(Path directory, List<Path> parkedFiles) throws IOException {
        for (Journal.Line line : Journal.read(directory.resolve("provider").resolve("provider.log"))) {
            provider(line);
        }
        driver = Journal.read(directory.resolve("driver.log"));
        events = Journal.read(directory.resolve("events.log"));
        samples = Journal.read(directory.resolve("samples.log"));
        for (Path file : parkedFiles) {
            if (Files.exists(file)) {
                parked.addAll(Journal.read(file));
            }
        }
        driver.stream()
                .filter(line -> line.event().equals("connected"))
                .forEach(line -> credentialOfGrant.put(line.text("g"), line.text("c")));
        events.stream()
                .filter(line -> line.event().equals("cut") && line.text("name").startsWith("provider"))
                .forEach(line -> cuts.computeIfAbsent(line.number("port"), port -> new ArrayList<>())
                        .add(line));
        troubles = new Troubles(events);
        revocations = new Revocations(driver);
        forgotten();
    }

    /** When the scenario began that the run is about; 0 when there is none. */
    long began() {
        return events.stream()
                .filter(line -> line.event().equals("scenario"))
                .mapToLong(Journal.Line::t)
                .max()
                .orElse(0);
    }

    private void provider(Journal.Line line) {
        switch (line.event()) {
            // between the two lines nobody knows
            case "setting" -> settings++;
            case "set" -> {
                dice = line.is("dice", "true");
                settings++;
            }
            case "grant" -> {
                Grant grant = new Grant(line);
                grants.put(grant.id, grant);
                grant.access.put(1, line);
            }
            case "request" -> {
                call(line).request = line;
                call(line).setting = settings;
            }
            case "spend" -> spend(line);
            case "end" -> call(line).end = line;
            case "revoke" -> revoke(line);
            case "withdrawn" -> {
                Grant grant = grants.get(line.text("g"));
                grant.deadAt = Math.min(grant.deadAt, line.t());
            }
            case "trade" -> grants.get(line.text("g")).trade = line;
            case "traded" -> grants.get(line.text("g")).traded = line;
            case "code_again" -> codesAgain.add(line);
            case "reused" -> reused.add(line);
            case "stranger" -> strangers.add(line);
            default -> {}
        }
    }

    private void revoke(Journal.Line line) {
        Grant grant = grants.get(line.text("g"));
        if (line.is("ends", "false")) {
            grant.survived.add(line);
            return;
        }
        grant.deadAt = Math.min(grant.deadAt, line.t());
        grant.revoked = true;
    }

    private void spend(Journal.Line line) {
        Grant grant = grants.get(line.text("g"));
        Call call = call(line);
        call.spend = line;
        call.diced = dice && call.setting == settings;
        grant.generation = (int) line.number("r");
        if (call.granted()) {
            grant.access.put((int) line.number("a"), line);
        }
        if (line.is("verdict", "reuse")) {
            grant.deadAt = Math.min(grant.deadAt, line.t());
        }
    }

    private Call call(Journal.Line line) {
        return grants.get(line.text("g")).calls.computeIfAbsent((int) line.number("n"), n -> new Call());
    }

    private void forgotten() {
        long copied = 0;
        for (Journal.Line line : events) {
            if (line.event().equals("copying")) {
                copied = line.t();
            } else if (line.event().equals("restoring")) {
                long from = copied;
                driver.stream()
                        .filter(each ->
                                each.event().equals("connected") && each.t() > from && each.t() < line.t() + KILLING)
                        .forEach(each -> forgotten.put(each.text("g"), line.t()));
            }
        }
    }

    /** Whether a restored database did not have {@code grant} any more at {@code t}. */
    boolean isForgotten(Grant grant, long t) {
        return t > forgotten.getOrDefault(grant.id, Long.MAX_VALUE);
    }

    /** Why the answer to {@code call} can have reached nobody that kept it; empty when nothing excuses its loss. */
    String excuse(Grant grant, Call call) {
        if (call.end == null) {
            return "its answer was never written";
        }
        if (!call.delivered()) {
            return "answer destroyed by the provider (" + call.spend.text("fault") + ")";
        }
        if (wasCut(call)) {
            return "answer cut by the proxy";
        }
        String credential = credentialOfGrant.getOrDefault(grant.id, "?");
        for (Journal.Line line : parked) {
            boolean here = line.is("credential", credential);
            if (here && line.t() > call.spend.t() - 1_000 && line.t() < call.end.t() + 10_000_000) {
                // what was in the journal or the database when the process ended must not be lost
                return line.event().equals(Rule.AFTER_ANSWER.label())
                        ? "process ended between answer and journal (kill point)"
                        : "";
            }
        }
        return troubles.loss(call);
    }

    /** Why what came after {@code generation} was lost; empty when nothing excuses it. */
    String lossAfter(Grant grant, int generation) {
        Call next = origin(grant, generation + 1);
        return next == null ? "" : excuse(grant, next);
    }

    /** Whether the proxy cut the connection of {@code call}. */
    boolean wasCut(Call call) {
        long end = call.end == null ? Long.MAX_VALUE / 2 : call.end.t();
        return wasCut(call.request.number("port"), call.request.t(), end);
    }

    /** Whether the proxy cut the connection on which the provider worked {@code from} then {@code to} then. */
    boolean wasCut(long port, long from, long to) {
        return cuts.getOrDefault(port, List.of()).stream()
                .anyMatch(cut ->
                        cut.t() > from - (cut.is("why", "late") ? LATE : 1_000_000) && cut.t() < to + Troubles.KEEPING);
    }

    /** Whether the answer to {@code call} told the new refresh token, if it arrived. */
    private static boolean tells(Call call) {
        return !call.verdict().equals("kept") && !call.spend.is("fault", "NO_REFRESH_TOKEN");
    }

    /** The call that gave the generation {@code number} of a grant to its client. */
    static Call origin(Grant grant, int number) {
        return grant.calls.values().stream()
                .filter(call -> call.granted() && call.spend.number("r") == number && tells(call))
                .reduce((first, second) -> second)
                .orElse(null);
    }
}
