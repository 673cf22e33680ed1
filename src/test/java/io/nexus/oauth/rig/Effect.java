package io.nexus.oauth.rig;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Predicate;

/** The effect of a fault since this object was made, read from the logs. A fault without an effect proves nothing. */
final class Effect {

    private final World world;
    private final long since = Journal.micros();

    Effect(World world) {
        this.world = world;
    }

    /** How many events of the rig are like this. */
    long events(Predicate<Journal.Line> like) throws IOException {
        return count(world.plan().directory().resolve("events.log"), like);
    }

    /** How many lines of the provider's log are like this. */
    long provider(Predicate<Journal.Line> like) throws IOException {
        return count(world.provider().log(), like);
    }

    /** How many connections were cut by the proxies whose name begins with {@code proxy}, for this reason. */
    long cuts(String proxy, String why) throws IOException {
        return events(line -> line.event().equals("cut")
                && line.is("why", why)
                && line.text("name").startsWith(proxy));
    }

    /** Waits until the proxies have cut a connection, half a minute at most: chance may have spared all of them so far. */
    void awaitCut(String proxy, String why) throws IOException, InterruptedException {
        RunClock patience = new RunClock(Duration.ofSeconds(30).toSeconds());
        while (cuts(proxy, why) == 0 && patience.runs()) {
            patience.sleep(500);
        }
    }

    private long count(Path log, Predicate<Journal.Line> like) throws IOException {
        return Journal.read(log).stream()
                .filter(line -> line.t() >= since)
                .filter(like)
                .count();
    }
}
