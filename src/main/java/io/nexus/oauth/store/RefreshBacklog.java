package io.nexus.oauth.store;

import io.nexus.oauth.store.connection.Database;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collection;
import java.util.List;

/** Counts overdue refreshes. One statement over the index of due credentials; a cap bounds its cost. */
@ApplicationScoped
public class RefreshBacklog {

    private static final String COUNT = """
            SELECT p.id,
              (SELECT count(*) FROM (SELECT 1 FROM oauth_credentials c
                WHERE c.provider = p.id AND c.status = 'active' AND %1$s
                  AND c.next_refresh_at < statement_timestamp() - interval '30 seconds' LIMIT 10001) AS counted) AS overdue,
              (SELECT GREATEST(0, EXTRACT(EPOCH FROM statement_timestamp() - c.next_refresh_at))::float8
                FROM oauth_credentials c
                WHERE c.provider = p.id AND c.status = 'active' AND %1$s
                  AND c.next_refresh_at <= statement_timestamp()
                ORDER BY c.next_refresh_at LIMIT 1) AS lag
            FROM unnest($1::text[]) AS p (id)""".formatted(StateSql.RENEWABLE);

    private final Database database;

    RefreshBacklog(Database database) {
        this.database = database;
    }

    /** The backlog of each of {@code providers}. Non-blocking; fails with {@link io.nexus.oauth.credential.StorageException}. */
    public Uni<List<Backlog>> of(Collection<String> providers) {
        return database.executeForRows(COUNT, Tuple.tuple().addArrayOfString(providers.toArray(String[]::new)), row -> {
            Double lag = row.getDouble("lag");
            return new Backlog(
                    row.getString("id"),
                    row.getLong("overdue"),
                    Duration.ofMillis(lag == null ? 0 : (long) (lag * 1000)));
        });
    }

    /**
     * The backlog of scheduled refreshes at one provider.
     *
     * @param overdue credentials that have been due for longer than 30 s; 10,001 means more than 10,000
     * @param lag how long the oldest has been due
     */
    public record Backlog(String provider, long overdue, Duration lag) {}
}
