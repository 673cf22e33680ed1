package io.nexus.oauth.rig;

import java.util.stream.Stream;

/** The scenarios in which the database, its disk or the way to it fails, on processes of their own. */
class RigDatabaseIT extends RigIT {

    @Override
    Stream<Scenario> scenarios() {
        return DATABASE.stream();
    }
}
