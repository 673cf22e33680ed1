package io.nexus.oauth.rig;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** When something was wrong with which replica, by the events of the rig. Times are microseconds of the wall clock. */
final class Troubles {

    private static final long SECOND = 1_000_000;

    /** How long before its death a replica may have been handed an answer that it had no time to keep. */
    static final long KEEPING = 2 * SECOND;

    /** How long a replica trusts what it remembers after its last proof that it hears of changes: six seconds, and a ping. */
    private static final long TRUSTED = 7 * SECOND;

    /** A reserve of a token's life makes up for a clock that is wrong by this many seconds at most. */
    private static final long RESERVE_S = 60;

    /** How long after an outage what waited for its end is stored at the latest. */
    private static final long STORING = 10 * SECOND;

    private static final String ALL = "all";

    /** An interval in which something was wrong with a replica. */
    record Trouble(String replica, String what, long from, long to) {
        boolean befell(Journal.Line answer) {
            return isOf(answer.text("rep")) && answer.t() > from && answer.number("sent") < to;
        }

        boolean isOf(String name) {
            return replica.equals(ALL) || replica.equals(name);
        }
    }

    /** Killed, paused or stopped too late: answers of providers may be lost with it. */
    private final List<Trouble> losing = new ArrayList<>();
    /** From SIGTERM until the process is gone. */
    private final List<Trouble> endings = new ArrayList<>();
    /** From its end until it serves again. */
    private final List<Trouble> downs = new ArrayList<>();

    private final List<Trouble> outages = new ArrayList<>();
    private final List<Journal.Line> clocks;

    Troubles(List<Journal.Line> events) {
        clocks = events.stream().filter(line -> line.event().equals("clock")).toList();
        Map<String, Long> paused = new HashMap<>();
        Map<String, Long> killed = new HashMap<>();
        Map<String, Long> told = new HashMap<>();
        Map<String, Long> away = new HashMap<>();
        Map<String, Long> down = new HashMap<>();
        for (Journal.Line line : events) {
            String replica = line.text("rep");
            switch (line.event()) {
                case "kill" -> {
                    losing.add(new Trouble(replica, "killed", line.t() - KEEPING, line.t()));
                    killed.put(replica, line.t());
                    down.putIfAbsent(replica, line.t() - KEEPING);
                }
                case "killed" -> losing.add(new Trouble(replica, "killed", killed.get(replica) - KEEPING, line.t()));
                case "term" -> {
                    told.putIfAbsent(replica, line.t());
                    down.putIfAbsent(replica, line.t());
                }
                case "ended" -> {
                    endings.add(new Trouble(replica, "ending", told.remove(replica), line.t()));
                    if (line.is("in_time", "false")) {
                        losing.add(new Trouble(replica, "stopped", line.t() - KEEPING, line.t()));
                    }
                }
                case "ready" -> close(downs, down, replica, "down", line.t() + SECOND);
                case "pause" -> paused.put(replica, line.t());
                case "resume" -> close(losing, paused, replica, "paused", line.t() + KEEPING);
                case "database_away" -> away.putIfAbsent(replica, line.t());
                case "database_back" ->
                    List.copyOf(away.keySet()).forEach(each -> close(outages, away, each, "away", line.t()));
                default -> {}
            }
        }
        List.copyOf(down.keySet()).forEach(each -> close(downs, down, each, "down", Long.MAX_VALUE / 2));
        List.copyOf(away.keySet()).forEach(each -> close(outages, away, each, "away", Long.MAX_VALUE / 2));
    }

    private static void close(List<Trouble> all, Map<String, Long> open, String replica, String what, long to) {
        Long from = open.remove(replica);
        if (from != null) {
            all.add(new Trouble(replica, what, from, to));
        }
    }

    /** Why the replica may have lost the answer to {@code call}; an empty text when nothing befell it. */
    String loss(Evidence.Call call) {
        for (Trouble trouble : losing) {
            boolean meets = call.spend.t() < trouble.to() && call.end.t() > trouble.from();
            if (trouble.replica().equals(call.request.text("rep")) && meets) {
                return String.format(
                        "replica %s %d ms after the answer", trouble.what(), (trouble.to() - call.end.t()) / 1000);
            }
        }
        if (isKilledInOutage(call.request.text("rep"), call.end.t())) {
            return "replica killed in an outage, with the answer in a journal that nobody else can read";
        }
        return "";
    }

    /** Whether {@code replica} was killed while it could not store what it had got at {@code t}: until the database was back. */
    boolean isKilledWithout(String replica, long t) {
        long back = outages.stream()
                .filter(each -> each.isOf(replica) && each.from() - SECOND < t && t < each.to())
                .mapToLong(each -> each.to() + STORING)
                .max()
                .orElse(t + KEEPING);
        return losing.stream()
                .anyMatch(each -> each.replica().equals(replica)
                        && each.what().equals("killed")
                        && each.to() > t
                        && each.from() < back);
    }

    /** Whether {@code replica} was killed in the outage in which it got an answer at {@code t}. */
    private boolean isKilledInOutage(String replica, long t) {
        return outages.stream()
                .filter(each -> each.isOf(replica) && each.from() - SECOND < t && t < each.to())
                .anyMatch(each -> losing.stream()
                        .anyMatch(kill -> kill.replica().equals(replica)
                                && kill.what().equals("killed")
                                && kill.to() > t
                                && kill.to() < each.to()));
    }

    /** Whether the replica could not reach the database, stood still or ended while it had the request of {@code answer}. */
    boolean excuse(Journal.Line answer) {
        return isAway(answer) || stoodStill(answer) || answer.is("type", "shutting-down") && isEnding(answer);
    }

    /** Whether the replica could not reach the database. */
    private boolean isAway(Journal.Line answer) {
        return outages.stream()
                .anyMatch(each ->
                        new Trouble(each.replica(), "away", each.from(), each.to() + 3 * SECOND).befell(answer));
    }

    /** Whether the replica was paused while it had the request: its deadlines are over when it wakes up. */
    private boolean stoodStill(Journal.Line answer) {
        return losing.stream().anyMatch(each -> each.what().equals("paused") && each.befell(answer));
    }

    /** Whether the replica had been told to end: it sends callers away who still get through. */
    private boolean isEnding(Journal.Line answer) {
        return endings.stream().anyMatch(each -> each.befell(answer));
    }

    /** Whether the replica was down, ended or stood still, so that a caller got no answer at all. */
    boolean isDown(Journal.Line answer) {
        return downs.stream().anyMatch(each -> each.befell(answer)) || stoodStill(answer);
    }

    /** Whether the replica could not hear of the other replicas' changes when it gave {@code answer}. */
    boolean isDeaf(Journal.Line answer) {
        return outages.stream()
                .anyMatch(each -> new Trouble(each.replica(), "deaf", each.from(), each.to() + TRUSTED).befell(answer));
    }

    /**
     * By how much an end can be wrong that a replica with a wrong clock wrote down at {@code t}, for every replica to read. A change of
     * a clock is seen up to a second later, so what came before it counts, too.
     */
    long clockErrorAt(long t) {
        Map<String, Long> before = new HashMap<>();
        long error = 0;
        for (Journal.Line each : clocks) {
            long by = each.number("by") > RESERVE_S ? 0 : each.number("by");
            if (each.t() < t - SECOND) {
                before.put(each.text("rep"), by);
            } else if (each.t() < t + SECOND) {
                error = Math.max(error, by);
            }
        }
        return before.values().stream().reduce(error, Math::max) * SECOND;
    }

    /** Whether the replica's clock was so wrong that no reserve of a token's life makes up for it. */
    boolean hasWrongClock(Journal.Line answer) {
        return clocks.stream()
                .filter(each -> each.is("rep", answer.text("rep")) && each.t() < answer.t() + SECOND)
                .reduce((first, second) -> second)
                .filter(each -> each.number("by") > RESERVE_S)
                .isPresent();
    }
}
