package io.nexus.oauth.store;

import io.nexus.oauth.credential.StorageException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;

/** Asks the database whether it answers. */
@ApplicationScoped
public class DatabaseProbe {

    private final Database database;

    DatabaseProbe(Database database) {
        this.database = database;
    }

    /** Completes when the database answered; fails with {@link StorageException} when it cannot. Non-blocking. */
    public Uni<Void> ping() {
        return database.find("SELECT 1", Tuple.tuple(), row -> row).replaceWithVoid();
    }
}
