package io.nexus.oauth.rig;

import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * All that a run left behind, to be judged.
 *
 * @param seed of the provider's dice
 * @param replicas how many there are
 * @param masterKeys every master key that there ever was
 * @param pools connections in use by each replica when nobody asked any more; empty where the replica does not say
 */
record Trail(
        Evidence evidence,
        Snapshot stored,
        long seed,
        int replicas,
        List<String> masterKeys,
        Map<String, OptionalDouble> pools) {

    static Trail of(World world) throws IOException, SQLException {
        // first the database, at one instant, then the log of the provider, which goes on
        Snapshot stored = Snapshot.of(world.postgres());
        return new Trail(
                new Evidence(
                        world.plan().directory(),
                        world.replicas().stream().map(Replica::parked).toList()),
                stored,
                world.plan().seed(),
                world.replicas().size(),
                world.keys().all(),
                world.poolsAtTheEnd());
    }

    /** Since when things belong to the scenario that is judged; what is older belongs to those before it on the same processes. */
    long began() {
        return evidence.began();
    }

    boolean isNew(Journal.Line line) {
        return line.t() >= began();
    }
}
