package io.nexus.oauth.rig;

import java.util.stream.Stream;

/** The scenarios in which a replica dies, stands still, restarts or has a wrong clock, on processes of their own. */
class RigReplicaIT extends RigIT {

    @Override
    Stream<Scenario> scenarios() {
        return REPLICAS.stream();
    }
}
